"""What ``/sheep diagnose`` says, where all that can be wrong is wrong."""

from __future__ import annotations

import discord

from bot.findings import Finding, Mark
from bot.ui.diagnosis import Surroundings, diagnosis
from tests.limits import check_payload

NONE = discord.Permissions.none()
ALL = discord.Permissions.all()
FINE = Surroundings(
    channel_id=2**63 - 1,
    here=ALL,
    server=ALL,
    everyone=ALL,
    in_thread=False,
    shut_out=False,
    latency=0.05,
    answers=True,
    reviews=12,
    decided=(),
    invite=discord.utils.oauth_url(2**63 - 1, permissions=ALL, scopes=("bot", "applications.commands")),
)


def test_the_longest_answer_is_within_discords_limits() -> None:
    worst = FINE._replace(
        here=NONE,
        server=None,
        everyone=NONE,
        in_thread=True,
        shut_out=True,
        latency=9.0,
        answers=False,
        reviews=0,
        decided=[Finding("New reviews", Mark.BAD, "s" * 120, "f" * 120)] * 2,
    )
    for found in (worst, worst._replace(server=ALL)):
        said = diagnosis(found)
        check_payload({"content": said})
        assert "❌ **Embed Links and Send Messages in Threads**" in said
        assert "❌ **Thread**" in said
        assert "⚠️ **Connection**: slow, 9,000 ms" in said
        assert said.endswith(f"{said.count('❌')} things to mend.")


def test_a_server_that_has_only_the_commands() -> None:
    said = diagnosis(FINE._replace(server=None, everyone=None))

    assert "❌ **Member**: only my commands are in this server" in said
    assert FINE.invite in said
    assert "❔ **Use Application Commands**: not known here" in said


def test_before_the_first_heartbeat() -> None:
    assert "❔ **Connection**: not measured yet" in diagnosis(FINE._replace(latency=None))
    assert diagnosis(FINE).endswith("Nothing keeps me from working here.")
