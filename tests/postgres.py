"""A real PostgreSQL server for the tests of one process: started when first asked for, ended with the process."""

from __future__ import annotations

import asyncio
import atexit
import functools
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from bot.store.database import Row

USER = "postgres"
GUARDED = "guarded"
HOST = "127.0.0.1"
# No test cuts the power: what is written is with the kernel. Many small databases come and go.
QUICK = (
    "fsync=off",
    "max_connections=60",
    "shared_buffers=32MB",
    "autovacuum=off",
    "max_wal_size=256MB",
)
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY_TABLES = """
DO $$ DECLARE name text; BEGIN
    PERFORM set_config('session_replication_role', 'replica', true); -- no trigger, no foreign key
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' LOOP
        EXECUTE format('DELETE FROM %I', name); -- 25 times as quick as TRUNCATE where there is little in it
    END LOOP;
    PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S';
END $$
"""
_Result = TypeVar("_Result")


def missing() -> str:
    """Why there can be no server here; empty where there can."""
    if _binaries() is None:
        return "PostgreSQL's server is not installed (on Debian: apt install postgresql)"
    if os.geteuid() == 0 and not _account():
        return f"PostgreSQL runs not as root, and there is no user {USER!r}"
    return ""


@functools.cache
def server() -> Server:
    """The server of this process."""
    started = Server()
    atexit.register(started.close)
    return started


class Server:
    """A PostgreSQL server in a folder of its own, at a port of loopback.

    Args:
        settings: What it is set to beside the settings that make it quick, as in ``fsync=on``.
    """

    def __init__(self, *settings: str) -> None:
        binaries = _binaries()
        assert binaries, missing()
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="sheepbot-postgres-"))
        self._account: dict[str, Any] = {"user": USER, "group": USER} if os.geteuid() == 0 else {}
        if account := _account():
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._log = self._folder / "log"
        self._data = self._folder / "data"
        self._names = itertools.count(1)
        self._lent: list[str] = []
        self._run(
            "initdb", "--pgdata", self._data, "--auth=trust", "--no-sync", f"--username={USER}", "--encoding=UTF8"
        )
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{setting}\n" for setting in (*QUICK, f"listen_addresses='{HOST}'", *settings))
        (self._data / "pg_hba.conf").write_text(
            f"host all {GUARDED} {HOST}/32 scram-sha-256\nhost all all {HOST}/32 trust\n"
        )
        self.port = _free_port()
        self.start()

    def url(self, database: str = "postgres", user: str = USER) -> str:
        """What ``open_store`` opens; only the user ``GUARDED`` needs a password."""
        return f"postgresql://{user}@{HOST}:{self.port}/{database}"

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        for _ in range(300):
            if self._process.poll() is not None:
                break
            with suppress(OSError, asyncpg.PostgresError):
                on_a_loop(lambda: self.ask("SELECT 1"))
                return
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log}")

    def launch(self) -> None:
        """Start it, and do not wait."""
        with self._log.open("ab") as log:
            self._process: subprocess.Popen[Any] = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-k", self._folder, "-p", str(self.port)],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._account,
            )

    def stop(self, signum: signal.Signals = signal.SIGINT) -> None:
        """End it: in order, but without waiting for anyone; SIGQUIT as a crash does."""
        self._process.send_signal(signum)
        self._process.wait(30)

    def restart(self, signum: signal.Signals = signal.SIGINT) -> None:
        """End it and start it anew, at the same address."""
        self.stop(signum)
        self.start()

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Have it do nothing for a while, without letting go of anybody."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        processes = [self._process.pid, *map(int, children)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def close(self) -> None:
        """End it for good."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def ask(self, *queries: str, database: str = "postgres") -> list[list[Row]]:
        """The rows of each query, on a connection of their own."""
        connection = await asyncpg.connect(self.url(database), timeout=5)
        try:
            return [[tuple(row) for row in await connection.fetch(query)] for query in queries]
        finally:
            await connection.close()

    @contextmanager
    def database(self) -> Generator[str]:
        """The name of a new and empty database, which is gone afterwards."""
        name = f"sheep{next(self._names)}"
        on_a_loop(lambda: self.ask(f"CREATE DATABASE {name}"))
        try:
            yield name
        finally:
            on_a_loop(lambda: self.ask(f"DROP DATABASE {name} WITH (FORCE)"))

    @contextmanager
    def lent(self) -> Generator[str]:
        """The name of a database with nothing in it, its schema perhaps made already: quicker than a new one."""
        if not self._lent:
            self._lent.append(f"sheep{next(self._names)}")
            on_a_loop(lambda: self.ask(f"CREATE DATABASE {self._lent[-1]}"))
        name = self._lent.pop()
        try:
            yield name
        finally:
            on_a_loop(lambda: self.ask(_END_OTHERS, _EMPTY_TABLES, database=name))
            self._lent.append(name)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._binaries / program, *arguments], cwd=self._folder, check=True, capture_output=True, **self._account
        )


def on_a_loop(work: Callable[[], Awaitable[_Result]]) -> _Result:
    """Do asynchronous work from anywhere, also from within a running loop, which waits meanwhile."""

    async def run() -> _Result:
        return await work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def _account() -> pwd.struct_passwd | None:
    with suppress(KeyError):
        return pwd.getpwnam(USER) if os.geteuid() == 0 else None
    return None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
