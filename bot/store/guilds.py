"""What each server has decided; kept in memory, as every click asks for it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.rules import GuildSettings, Leavers, Rules, ShowResults, ThoughtsPolicy
from bot.store import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.store.database import Database, Row, Statement, Value

REMEMBERED = 60.0
"""Seconds for which what was read is taken for true: one process serves a server, and forgets what it changes."""
MOST = 5_000
"""So many servers are remembered."""


class Guilds:
    """The verbs on servers' settings and all else that decides what their members may do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[int, tuple[float, Rules]] = OrderedDict()
        self._reading: dict[int, asyncio.Task[Rules]] = {}

    async def rules(self, guild_id: int) -> Rules:
        """What a server has decided.

        Raises:
            StoreError: The database did not answer.
        """
        if known := self.known(guild_id):
            return known
        reading = self._reading.get(guild_id)
        if reading is None:
            reading = self._reading[guild_id] = asyncio.create_task(self._read(guild_id))
            reading.add_done_callback(lambda done: self._remember(guild_id, done))
        return await asyncio.shield(reading)  # others may wait for it too

    def known(self, guild_id: int) -> Rules | None:
        """What a server has decided, where that is in memory; for whoever can do without."""
        known = self._known.get(guild_id)
        return known[1] if known and known[0] > time.monotonic() else None

    def forget(self, guild_id: int) -> None:
        """Read anew what a server has decided when it is asked for next; for whoever has just changed it."""
        self._known.pop(guild_id, None)
        self._reading.pop(guild_id, None)

    async def change(
        self, guild_id: int, actor_id: int, name: str, value: Value, *, also: Sequence[Statement] = ()
    ) -> None:
        """Set one of the server's settings, and record who did.

        Args:
            name: A field of :class:`~bot.rules.GuildSettings`.
            also: What else is done in the same transaction.

        Raises:
            ValueError: There is no such setting.
        """
        if name not in _SETTINGS:
            raise ValueError(name)
        detail = f"{name}: {value}"
        await self._database.transaction(
            [
                (_ADD, (guild_id, *_DEFAULTS)),
                (f"UPDATE guild_settings SET {name} = $2 WHERE guild_id = $1", (guild_id, value)),  # noqa: S608 - a field's name
                *also,
                audit.entry(guild_id, actor_id, "settings", detail=detail),
            ]
        )
        self.forget(guild_id)

    async def restore(self, guild_id: int, actor_id: int) -> None:
        """Set all of the server's settings back to their defaults, and record who did."""
        await self._database.transaction(
            [
                ("DELETE FROM guild_settings WHERE guild_id = $1", (guild_id,)),
                audit.entry(guild_id, actor_id, "settings", detail="defaults"),
            ]
        )
        self.forget(guild_id)

    async def _read(self, guild_id: int) -> Rules:
        settings, restrictions, closings, words = [
            await self._database.fetch(sql, guild_id) for sql in (_SETTINGS_OF, _RESTRICTIONS, _CLOSINGS, _WORDS)
        ]
        members: dict[str, set[int]] = {"blocked": set(), "voided": set(), "left": set()}
        for member_id, kind in restrictions:
            if kind in members:
                members[kind].add(member_id)
        return Rules(
            settings=_settings(settings[0]) if settings else GuildSettings(),
            closings=MappingProxyType(dict(closings)),
            words=frozenset(word for (word,) in words),
            **{kind: frozenset(ids) for kind, ids in members.items()},
        )

    def _remember(self, guild_id: int, read: asyncio.Task[Rules]) -> None:
        if self._reading.get(guild_id) is not read:
            return  # what it read was changed meanwhile
        del self._reading[guild_id]
        if read.cancelled() or read.exception():
            return
        self._known[guild_id] = (time.monotonic() + REMEMBERED, read.result())
        self._known.move_to_end(guild_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)


_SETTINGS = GuildSettings._fields
_DEFAULTS: tuple[Value, ...] = tuple(int(value) if isinstance(value, bool) else value for value in GuildSettings())
_SETTINGS_OF = f"SELECT {', '.join(_SETTINGS)} FROM guild_settings WHERE guild_id = $1"  # noqa: S608 - fields' names
_ADD = f"""
INSERT INTO guild_settings (guild_id, {", ".join(_SETTINGS)})
VALUES ($1, {", ".join(f"${number}" for number in range(2, len(_SETTINGS) + 2))}) ON CONFLICT DO NOTHING
"""  # noqa: S608 - fields' names
_RESTRICTIONS = "SELECT member_id, kind FROM restrictions WHERE guild_id = $1"
_CLOSINGS = "SELECT review_id, closes_at FROM closings WHERE guild_id = $1"
_WORDS = "SELECT word FROM words WHERE guild_id = $1"


def _settings(row: Row) -> GuildSettings:
    stored: dict[str, Any] = dict(zip(_SETTINGS, row, strict=True))
    kinds: dict[str, Callable[[Any], Any]] = {"results": ShowResults, "thoughts": ThoughtsPolicy}
    kinds |= {"leavers": Leavers, "pictures": bool}
    return GuildSettings(**stored | {name: kind(stored[name]) for name, kind in kinds.items()})
