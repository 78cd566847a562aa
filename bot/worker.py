"""A process of its own for what would hold up every click: asked with bytes, it answers with bytes.

A thread is no help where a library holds the interpreter's lock, as renderers and regular expressions do; and a
process can be ended that is at its work for too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH = 4
"""Bytes before each message that say how long it is."""
FOLDER = Path(__file__).parent.parent


class Worker:
    """A process that runs a module of ours, which calls :func:`serve`; started when it is first asked.

    Args:
        arguments: What the module is called with.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-m", module, *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def is_started(self) -> bool:
        """Whether the process has been started, and was not ended since."""
        return self._process is not None

    async def ask(self, order: bytes, limit: float) -> bytes:
        """Have one order after the other carried out; where one fails, the next finds a new process.

        Args:
            limit: Seconds for the order, from when it has its turn.

        Raises:
            TimeoutError: It took longer, and the process was ended.
            OSError: There is no process.
            asyncio.IncompleteReadError: The process died of it.
        """
        async with self._turn:
            if self._process is None or self._process.returncode is not None:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    cwd=FOLDER,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the bot, which ends it in order
                )
            sink, source = self._process.stdin, self._process.stdout
            assert sink is not None  # noqa: S101 - both are pipes
            assert source is not None  # noqa: S101
            try:
                async with asyncio.timeout(limit):
                    sink.write(len(order).to_bytes(LENGTH) + order)
                    await sink.drain()
                    return await source.readexactly(int.from_bytes(await source.readexactly(LENGTH)))
            except BaseException:
                await self.close()  # what it would still say is the answer to nothing
                raise

    async def close(self) -> None:
        """End the process, whatever it is at."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def serve(answer: Callable[[bytes], bytes]) -> None:
    """In the process: answer what comes until no more does."""
    with contextlib.suppress(OSError):  # a sandbox may forbid it
        os.nice(5)  # clicks come first
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while length := source.read(LENGTH):
        said = answer(source.read(int.from_bytes(length)))
        sink.write(len(said).to_bytes(LENGTH) + said)
        sink.flush()
