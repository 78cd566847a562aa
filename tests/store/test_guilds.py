"""What servers have decided: read once, true at once for who changed it, recorded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.rules import GuildSettings, Rules, ShowResults
from bot.store import open_database, open_store
from tests.store.tools import shelve

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine

HERE, THERE, ACTOR = 10, 20, 7
DECIDED = (
    "INSERT INTO closings VALUES (10, 1, 99, 0)",
    "INSERT INTO restrictions VALUES (10, 1, 'blocked', 9), (10, 2, 'voided', 9), (10, 3, 'left', 9)",
    "INSERT INTO words VALUES (10, 'spam')",
)


async def test_a_server_that_decided_nothing_has_the_defaults(store: Store) -> None:
    assert await store.guilds.rules(HERE) == Rules()


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        *(("voter_role", 5, 5), ("min_account_days", 30, 30), ("results", "after-voting", ShowResults.AFTER_VOTING)),
        *(("weight", 2.5, 2.5), ("min_votes", 1, 1), ("pictures", 0, False), ("channel_id", 9, 9)),
    ],
)
async def test_a_setting_holds_at_once_here_and_nowhere_else(
    store: Store, engine: Engine, name: str, value: Any, read: object
) -> None:
    await asyncio.gather(store.guilds.rules(HERE), store.guilds.rules(THERE))

    await store.guilds.change(HERE, ACTOR, name, value)

    here = (await store.guilds.rules(HERE)).settings
    assert getattr(here, name) == read
    others = {field for field in GuildSettings._fields if field != name}
    assert all(getattr(here, field) == getattr(GuildSettings(), field) for field in others)
    assert (await store.guilds.rules(THERE)).settings == GuildSettings()
    assert await engine.rows("SELECT guild_id, actor_id, act, detail FROM audit_log") == [
        (HERE, ACTOR, "settings", f"{name}: {value}")
    ]


async def test_what_is_read_while_it_is_changed_is_not_remembered(store: Store) -> None:
    reading = asyncio.create_task(store.guilds.rules(HERE))
    await store.guilds.change(HERE, ACTOR, "min_votes", 2)
    await reading

    assert (await store.guilds.rules(HERE)).settings.min_votes == 2


async def test_a_setting_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="guild_id"):
        await store.guilds.change(HERE, ACTOR, "guild_id", 1)


async def test_all_that_decides_is_read(engine: Engine) -> None:
    store = await open_store(engine.url)
    (film,) = await shelve(store, 1)
    await store.close()
    database = await open_database(engine.url)
    await database.transaction([(sql, ()) for sql in DECIDED])
    await database.close()

    store = await open_store(engine.url)
    rules = await store.guilds.rules(HERE)

    assert (rules.blocked, rules.voided, rules.left, rules.words) == ({1}, {2}, {3}, {"spam"})
    assert rules.closings == {film: 99}
    assert await store.guilds.rules(THERE) == Rules()
    await store.close()
