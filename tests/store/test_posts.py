"""Posts: which messages show the tally of which film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.store.posts import FOLLOWED, Post

if TYPE_CHECKING:
    from bot.store import Store
    from tests.store.tools import Engine

HERE, THERE, CHANNEL = 10, 20, 7


async def post(store: Store, review: int, *messages: int, guild: int = HERE) -> list[Post]:
    """Remember messages of one channel as posts of a film."""
    posts = [Post(guild, review, CHANNEL, message) for message in messages]
    for each in posts:
        await store.posts.add(each)
    return posts


async def showing(store: Store, review: int, *also: int, guild: int = HERE) -> list[int]:
    """The messages that show a film, the oldest first."""
    return sorted(found.message_id for found in await store.posts.showing(guild, review, also))


async def test_a_post_is_found_by_its_film_and_server(store: Store, films: list[int]) -> None:
    posts = await post(store, films[0], 100)

    assert await store.posts.showing(HERE, films[0]) == posts
    assert await store.posts.showing(HERE, films[1]) == []
    assert await store.posts.showing(THERE, films[0]) == []


async def test_only_the_newest_posts_of_a_film_are_followed(store: Store, films: list[int]) -> None:
    messages = range(100, 100 + FOLLOWED + 3)
    await post(store, films[0], *reversed(messages))
    await post(store, films[1], 900)
    await post(store, films[0], 901, guild=THERE)

    assert await showing(store, films[0]) == list(messages)[-FOLLOWED:]
    assert await showing(store, films[0], guild=THERE) == [901]


async def test_an_older_post_is_found_where_it_is_asked_for(store: Store, films: list[int]) -> None:
    await post(store, films[0], *range(100, 110))

    assert await showing(store, films[0], 100, 103) == [100, 103, 107, 108, 109]


async def test_a_post_that_is_asked_for_and_new_is_found_once(store: Store, films: list[int]) -> None:
    await post(store, films[0], 100, 101)

    assert await showing(store, films[0], 101, 101) == [100, 101]


async def test_messages_that_are_no_posts_of_the_film_are_not_found(store: Store, films: list[int]) -> None:
    await post(store, films[0], 100)
    await post(store, films[1], 200)
    await post(store, films[0], 300, guild=THERE)

    assert await showing(store, films[0], 200, 300, 404) == [100]


async def test_a_post_that_was_deleted_is_forgotten(store: Store, films: list[int]) -> None:
    await post(store, films[0], 100, 101)

    await store.posts.forget(101)
    await store.posts.forget(404)

    assert await showing(store, films[0], 101) == [100]


async def test_a_message_that_comes_to_show_another_film_is_a_post_of_that_one(store: Store, films: list[int]) -> None:
    await post(store, films[0], 100)
    await post(store, films[1], 100)

    assert await showing(store, films[0]) == []
    assert await showing(store, films[1]) == [100]


async def test_a_post_of_no_film_is_refused(store: Store, engine: Engine) -> None:
    with pytest.raises(StoreError):
        await post(store, 404, 100)

    assert await engine.rows("SELECT * FROM posts") == []
