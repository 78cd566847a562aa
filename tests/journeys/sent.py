"""Everything that the bot has sent, held to Discord's limits and to the rule that nobody is pinged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.limits import check_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simcord import Env, HttpLogEntry

MESSAGE, UPDATE, AUTOCOMPLETE, MODAL = 4, 7, 8, 9


def check(env: Env) -> None:
    """Fail on the first payload that Discord would refuse, or that could ping anybody."""
    for entry in env.http_requests:
        for kind, payload in payloads(entry):
            if kind == AUTOCOMPLETE:
                _check_choices(payload["choices"])
                continue
            assert ("custom_id" in payload) == (kind == MODAL)
            check_payload(payload)
            if kind == MESSAGE or payload.get("content"):
                assert payload["allowed_mentions"] == {"parse": []}
    for message in (message for channel in env.backend.messages.values() for message in channel.values()):
        assert not message.ping_user_ids
        assert not message.ping_role_ids
        assert not message.mention_everyone


def _check_choices(choices: list[dict[str, str]]) -> None:
    assert len(choices) <= 25
    for choice in choices:
        assert 1 <= len(choice["name"]) <= 100
        assert 1 <= len(choice["value"]) <= 100


def payloads(entry: HttpLogEntry) -> Iterator[tuple[int, dict[str, Any]]]:
    """The messages, forms and choices in a request, each with its kind."""
    body: dict[str, Any] | None = entry.json if entry.method in {"POST", "PATCH"} else None
    if body is None:
        return
    if entry.path.endswith("/callback"):
        yield body["type"], body.get("data") or {}
    elif "/messages" in entry.path or entry.path.startswith("/webhooks/"):
        yield (MESSAGE if entry.method == "POST" else UPDATE), body
