"""The tables as a copy moves them: read in pages by their keys, so that neither memory nor a transaction grows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from bot.store.meta import COMMANDS_HASH, COPYING, VACUUM_DUE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.store.database import Database, Row, Value

PAGE = 20_000
"""Rows that are read in one go."""
PAGE_OF_TEXTS = 500
"""The same of reviews, which are some thousand times as large."""


class Table(NamedTuple):
    """What is moved of a table.

    Attributes:
        key: How many of the columns, from the first on, are its primary key.
        only: SQL for which rows.
        page: How many rows are read in one go.
    """

    name: str
    columns: tuple[str, ...]
    key: int
    only: str = "true"
    page: int = PAGE

    @property
    def keys(self) -> str:
        """SQL for the columns of the primary key."""
        return ", ".join(self.columns[: self.key])


VOTES = Table("votes", ("guild_id", "review_id", "member_id", "sheep", "created_at", "updated_at"), 3)
THOUGHTS = Table(
    "thoughts",
    ("guild_id", "review_id", "member_id", "body", "spoiler", "state", "created_at", "updated_at"),
    3,
)
_REVIEWS = Table(
    "reviews",
    (
        *("id", "slug", "title", "sort_title", "year", "critic", "critic_half_sheep", "quote", "quote_by"),
        *("written_by", "directed_by", "starring", "genres", "aliases", "body", "url", "image_url"),
        *("published_at", "spoilers", "guid", "source", "content_hash", "retired_at", "guild_id", "author_id"),
    ),
    1,
    page=PAGE_OF_TEXTS,
)
TABLES = (
    # What Discord was told by another installation is not taken on trust.
    Table("meta", ("key", "value"), 1, f"key NOT IN ('{COMMANDS_HASH}', '{COPYING}', '{VACUUM_DUE}')"),
    _REVIEWS,
    VOTES,
    THOUGHTS,
    Table("posts", ("message_id", "channel_id", "guild_id", "review_id"), 1),
    Table("labels", ("id", "kind", "name"), 1),  # boards that were posted lead on to them
    Table("review_labels", ("label_id", "review_id"), 2),
    Table(
        "guild_settings",
        (
            *("guild_id", "voter_role", "min_account_days", "results", "thoughts", "weight", "min_votes"),
            *("pictures", "leavers", "channel_id", "announced", "critic_role"),
        ),
        1,
    ),
    Table("closings", ("guild_id", "review_id", "closes_at", "shown"), 2),
    Table("restrictions", ("guild_id", "member_id", "kind", "since"), 3),
    VOTES._replace(name="voided_votes"),
    Table("words", ("guild_id", "word"), 2),
    Table("reports", ("guild_id", "review_id", "member_id", "reporter_id", "created_at", "judged_at"), 4),
    Table("audit_log", ("id", "guild_id", "at", "actor_id", "act", "member_id", "review_id", "detail"), 1),
    Table("uncompared", ("member_id", "since"), 1),
    Table("departures", ("guild_id", "left_at"), 1),
    Table("drafts", ("guild_id", "member_id", "review_id", "body", "updated_at"), 3, page=PAGE_OF_TEXTS),
    Table("imports", ("guild_id", "member_id", "body", "created_at"), 2, page=PAGE_OF_TEXTS),
    Table(
        "feeds",
        (
            *("id", "guild_id", "channel_id", "url", "title", "etag", "modified", "added_at", "checked_at"),
            *("look_at", "due_at", "claimed_until", "failures", "trouble", "told"),
        ),
        1,
    ),
    Table("feed_items", ("feed_id", "guid", "review_id", "state", "hash", "published_at", "asked_at"), 2),
    Table("erasures", ("subject", "id", "since"), 2),
)
"""All that is copied, in an order that keeps every reference whole."""
_COUNTS = ("n1", "n2", "n3", "n4", "n5")
COUNTED = (
    # Where all was taken back, nought is as good as none.
    Table("tallies", ("guild_id", "review_id", *_COUNTS, "thoughts"), 2, "n1 + n2 + n3 + n4 + n5 + thoughts > 0"),
    Table("days", ("guild_id", "review_id", "day", *_COUNTS), 3, "n1 + n2 + n3 + n4 + n5 > 0"),
    Table("raters", ("guild_id", "member_id", "votes", "sheep"), 2, "votes > 0"),
)
"""What the triggers make of all that is copied."""
NUMBERED = ("reviews", "labels", "audit_log", "feeds")
"""Tables whose rows the database numbers."""
NOT_COPIED = ("migrations", "leases")


async def pages(database: Database, table: Table, after: Row | None = None) -> AsyncGenerator[list[Row]]:
    """The rows of a table in the order of its key, the next page being read while one is looked at.

    Args:
        after: The key after which to begin.
    """
    reading = asyncio.create_task(_page(database, table, after))
    try:
        while rows := await reading:
            if full := len(rows) == table.page:
                reading = asyncio.create_task(_page(database, table, rows[-1][: table.key]))
            yield rows
            if not full:
                return
    finally:
        reading.cancel()


async def greatest(database: Database, table: Table) -> Row | None:
    """The last key, or None where there is no row."""
    backwards = ", ".join(f"{name} DESC" for name in table.columns[: table.key])
    rows = await database.fetch(
        f"SELECT {table.keys} FROM {table.name} WHERE {table.only} ORDER BY {backwards} LIMIT 1"  # noqa: S608 - constants of this file
    )
    return rows[0] if rows else None


async def _page(database: Database, table: Table, after: Row | None) -> list[Row]:
    values: tuple[Value, ...] = after or ()
    begin = f"AND ({table.keys}) > ({_places(1, table.key)})" if values else ""
    return await database.fetch(
        f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {table.only} {begin}"  # noqa: S608 - constants of this file
        f" ORDER BY {table.keys} LIMIT {table.page}",
        *values,
    )


def _places(first: int, count: int) -> str:
    return ", ".join(f"${number}" for number in range(first, first + count))
