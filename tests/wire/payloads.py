"""Discord's JSON as the loopback server sends it, and what a member's client makes of commands and controls.

Nothing here does I/O. Ids are strings, as on the wire.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Json = dict[str, Any]

EPHEMERAL, LOADING = 1 << 6, 1 << 7
# See and write in channels, embed links, read history, use commands.
MEMBER_PERMISSIONS = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 31
FIRST_GUILD = 340_200_000_000  # divisible by 1 … 10: guild i lives on shard i % shards


class Snowflakes:
    """Ids that only grow and are dated now: discord.py reads times out of them."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        now = time.time_ns() // 1_000_000 - 1_420_070_400_000
        self._last = max(self._last + 1, now << 22)
        return str(self._last)


def timestamp() -> str:
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class Member:
    """A person who may act in every guild; `permissions` are what they have in its channel."""

    id: str
    name: str
    permissions: int = MEMBER_PERMISSIONS
    bot: bool = False

    def user(self) -> Json:
        return {
            "id": self.id, "username": self.name, "global_name": self.name.title(), "discriminator": "0",
            "avatar": None, "bot": self.bot, "public_flags": 0,
        }  # fmt: skip

    def payload(self) -> Json:
        return {
            "user": self.user(), "roles": [], "permissions": str(self.permissions), "nick": None, "avatar": None,
            "joined_at": "2024-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0,
        }  # fmt: skip


@dataclass(frozen=True)
class Guild:
    """A server with one text channel."""

    id: str
    channel_id: str
    name: str

    def shard(self, shards: int) -> int:
        return (int(self.id) >> 22) % shards

    def channel(self) -> Json:
        return {
            "id": self.channel_id, "type": 0, "guild_id": self.id, "name": "reviews", "position": 0, "topic": None,
            "nsfw": False, "parent_id": None, "rate_limit_per_user": 0, "last_message_id": None, "flags": 0,
            "permission_overwrites": [],
        }  # fmt: skip

    def partial(self) -> Json:
        return {"id": self.id, "locale": "en-US", "features": []}

    def payload(self, bot: Member, owner: Member) -> Json:
        everyone = {"id": self.id, "name": "@everyone", "permissions": str(MEMBER_PERMISSIONS), "position": 0}
        return self.partial() | {
            "name": self.name, "owner_id": owner.id, "unavailable": False, "joined_at": "2024-01-01T00:00:00+00:00",
            "preferred_locale": "en-US", "large": False, "member_count": 2, "roles": [everyone],
            "channels": [self.channel()], "members": [bot.payload(), owner.payload()], "emojis": [], "stickers": [],
            "threads": [], "voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
        }  # fmt: skip


class Message(dict[str, Any]):
    """A message as Discord sends it, whose keys are attributes too."""

    id: str
    channel_id: str
    author: Json
    content: str
    embeds: list[Json]
    components: list[Json]
    attachments: list[Json]
    flags: int
    interaction_metadata: Json

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(name)

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def custom_ids(self) -> list[str]:
        return [part["custom_id"] for part in walk(self.components) if "custom_id" in part]

    def control(self, custom_id: str, kind: int) -> Json:
        """The component that a member could use now; LookupError where they could not."""
        for part in walk(self.components):
            if part.get("custom_id") == custom_id and part["type"] == kind and not part.get("disabled"):
                return part
        raise LookupError(f"no enabled control {custom_id!r} of type {kind} among {self.custom_ids}")


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Every component of a tree, parents first."""
    for part in components:
        yield part
        yield from walk(part.get("components", []))
        yield from walk(part[key] for key in ("component", "accessory") if key in part)


def numbered(components: list[Json]) -> list[Json]:
    """The same tree, where every component without an id has been given one, as Discord does."""
    taken = {part.get("id") for part in walk(components)}
    fresh = (number for number in itertools.count(1) if number not in taken)
    for part in walk(components):
        part["id"] = part.get("id") or next(fresh)
    return components


def filled(part: Json, values: Mapping[str, Any]) -> Json:
    """A modal's component as Discord sends it back.

    A field that `values` leaves out keeps what it was opened with; ValueError where the client would not submit.
    """
    answer: Json = {"type": part["type"], "id": part["id"]}
    if "component" in part:
        return answer | {"component": filled(part["component"], values)}
    if "components" in part:
        return answer | {"components": [filled(inner, values) for inner in part["components"]]}
    if "custom_id" not in part:
        return answer
    name, options = part["custom_id"], part.get("options", [])
    preset = [option["value"] for option in options if option.get("default")]
    required = part.get("required", True)
    match part["type"]:
        case 4:  # text
            value = values.get(name, part.get("value") or "")
            fits = isinstance(value, str) and len(value) >= required and len(value) <= part.get("max_length", 4000)
        case 21:  # radio group
            value = values.get(name, preset[0] if preset else None)
            fits = value in [option["value"] for option in options] or (value is None and not required)
        case 23:  # checkbox
            value = values.get(name, part.get("default", False))
            fits = isinstance(value, bool)
        case _:  # string select, checkbox group
            value = values.get(name, preset)
            fits = isinstance(value, list)
    if not fits:
        raise ValueError(f"the client would not accept {value!r} for {name!r}")
    return answer | {"custom_id": name, "values" if isinstance(value, list) else "value": value}


def invocation(commands: Sequence[Json], name: str, given: Mapping[str, object], typing: str | None = None) -> Json:
    """The data of a slash command ("group sub" for subcommands), or of its autocompletion while `typing` an option.

    LookupError or TypeError where the client would not offer or accept that.
    """
    head, *path = name.split()
    spec = _named(commands, head)
    data: Json = {"id": spec["id"], "name": head, "type": 1}
    level = data
    for word in path:
        spec = _named(spec["options"], word)
        inner: Json = {"name": word, "type": spec["type"]}
        level["options"], level = [inner], inner
    level["options"] = [
        _option(_named(spec["options"], key), value, focused=key == typing) for key, value in given.items()
    ]
    needed = {option["name"] for option in spec["options"] if option.get("required")}
    if typing is None and not needed <= set(given):
        raise TypeError(f"/{name} needs {sorted(needed - set(given))}")
    return data


def _named(specs: Sequence[Json], name: str) -> Json:
    for spec in specs:
        if spec["name"] == name:
            return Json(options=[]) | spec
    raise LookupError(f"no {name!r} was synced there, only {[spec['name'] for spec in specs]}")


def _option(spec: Json, value: object, *, focused: bool) -> Json:
    types: dict[int, type] = {3: str, 4: int, 5: bool, 10: float}
    option: Json = {"name": spec["name"], "type": spec["type"], "value": value}
    if focused and spec.get("autocomplete"):
        return option | {"focused": True}
    if focused or type(value) is not types.get(spec["type"]):
        raise TypeError(f"{value!r} cannot be given for {spec}")
    return option
