"""Facts about this installation that are nobody's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.database import Database

COMMANDS_HASH = "commands_hash"
"""The hash of the commands that Discord was told last."""
COPYING = "copying"
"""Where this is half a copy: of what."""
VACUUM_DUE = "vacuum_due"
"""Set where what was deleted may still stand in free pages of the file."""


class Meta:
    """Named values, such as the hash of the commands last synced."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """A value, or None where it was never set."""
        rows = await self._database.fetch("SELECT value FROM meta WHERE key = $1", key)
        return rows[0][0] if rows else None

    async def set(self, key: str, value: str) -> None:
        """Set a value."""
        await self._database.transaction([(SET, (key, value))])


SET = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
