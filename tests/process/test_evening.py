"""One evening at the film club, from the first login to good night."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.process.stage import PATIENCE, control, said

if TYPE_CHECKING:
    from tests.process.stage import Discord, Stage


async def test_an_evening_at_the_film_club(stage: Stage, discord: Discord) -> None:
    bot = await stage.start()
    await discord.ready()

    # The bot has introduced itself.
    names = [command["name"] for command in discord.commands]
    assert {"help", "myvotes", "random", "review", "toprated"} <= set(names)
    assert len(names) == len(set(names))
    assert discord.syncs == 1
    invite = await bot.logged("Invite me with")
    assert f"client_id={discord.application_id}" in invite
    assert invite.rstrip().endswith("permissions=50176")

    # A review is found while it is typed, and posted for everyone.
    found = await discord.autocomplete("review", "title", "miss y")
    assert {"name": "Miss You Already (2015)", "value": "miss-you-already"} in found.choices
    post = await discord.review()
    assert not post.ephemeral
    assert post.embeds[0]["title"].startswith("Miss You Already")
    assert "How many sheep would you give Miss You Already?" in said(post)
    assert [control(post, "vote", sheep) for sheep in range(1, 6)]

    # A vote is in the file before its giver is told, and everyone sees it counted.
    discord.at_answer = lambda: seen.append(stage.votes())
    seen: list[dict[str, int]] = []
    vote = await discord.click(post, control(post, "vote", 4), user="ada")
    assert vote.ephemeral
    assert "You gave *Miss You Already* 🐑🐑🐑🐑 4 sheep." in said(vote.message)
    assert seen == [{discord.member("ada").id: 4}]
    assert "Readers 4.0 · 1 vote" in said(await discord.edited(post))

    # A thought is shared.
    form = await discord.click(post, control(post, "share"), user="ada")
    shared = await discord.submit(form, {"body": "I cried, and resented it.", "sheep": "5"})
    assert shared.ephemeral
    assert "I cried, and resented it." in said(shared.message)
    assert stage.stored("SELECT member_id, body, spoiler FROM thoughts") == [
        (int(discord.member("ada").id), "I cried, and resented it.", 0)
    ]
    assert stage.votes() == {discord.member("ada").id: 5}

    # The film leads the board.
    board = await discord.slash("toprated", min_votes=1, user="bob")
    assert not board.ephemeral
    assert "Miss You Already" in said(board.message)
    assert "5.0" in said(board.message)
    assert "1 vote" in said(board.message)

    # Good night: what is due on the public message is still done.
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    public = said(await discord.edited(post, 2, PATIENCE))
    assert "Readers 5.0 · 1 vote" in public
    assert "Thoughts (1)" in public
    assert "Traceback" not in bot.log
    assert bot.out == ""


async def test_a_vote_removed_in_its_private_answer_leaves_the_old_post_on_which_it_was_given(
    stage: Stage, discord: Discord
) -> None:
    bot = await stage.start()
    await discord.ready()
    old, *newer = [await discord.review("cats") for _ in range(4)]

    vote = await discord.vote(old, "ada")
    assert "Readers 5.0 · 1 vote" in said(await discord.edited(old, timeout=PATIENCE))
    await discord.click(vote.message, control(vote.message, "unvote"))
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0

    for post in (old, *newer):
        assert "Readers No votes yet" in said(discord.messages[post.id])
