"""The form for a thought, and reading what comes back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import discord

from bot.errors import InputError
from bot.ranking import MAX_SHEEP, MIN_SHEEP
from bot.reviews.model import MAX_THOUGHT
from bot.reviews.titles import fold
from bot.ui import ids, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.reviews.titles import Title
    from bot.ui.ids import Control

MODAL_TITLE = 45
SHEEP_FIELD = "sheep"
BODY_FIELD = "body"
SPOILER_FIELD = "spoiler"
NAME_FIELD = "name"
THOUGHT_OPTION = "thought"
GIVEN_BACK = 1500
"""The most characters of a thought that are shown again when something went wrong."""
TYPED = 100
"""The most characters of a name that have to be typed."""


def thought(
    title: Title, sheep: int | None, body: str = "", *, spoiler: bool = False, votes: bool = True
) -> discord.ui.Modal:
    """The form, filled with what the member said before; it asks for sheep only where they would count."""
    modal = discord.ui.Modal(
        title=text.plain(title.title, MODAL_TITLE) or text.plain(title.slug, MODAL_TITLE),
        custom_id=ids.ThoughtForm(title.review_id).pack(),
        timeout=None,
    )
    if votes:
        modal.add_item(_sheep(sheep))
    modal.add_item(
        discord.ui.Label(
            text="Your thoughts",
            description="Everyone in this server can read them, with your name.",
            component=discord.ui.TextInput(
                custom_id=BODY_FIELD,
                style=discord.TextStyle.paragraph,
                default=body or None,
                max_length=MAX_THOUGHT,
            ),
        )
    )
    modal.add_item(
        discord.ui.Label(
            text="This gives something away",
            description="Others see it blacked out until they press on it.",
            component=discord.ui.Checkbox(custom_id=SPOILER_FIELD, default=spoiler),
        )
    )
    modal.stop()  # the router takes the answer; a listening modal would be kept for ever
    return modal


def _sheep(given: int | None) -> discord.ui.Label[discord.ui.Modal]:
    return discord.ui.Label(
        text="How many sheep?",
        component=discord.ui.RadioGroup(
            custom_id=SHEEP_FIELD,
            required=False,
            options=[
                discord.RadioGroupOption(label=text.given(n), value=str(n), default=n == given)
                for n in range(MIN_SHEEP, MAX_SHEEP + 1)
            ],
        ),
    )


def read_thought(data: Mapping[str, Any]) -> tuple[int | None, str, bool]:
    """The sheep, the thought and the spoiler mark that a member sent.

    Args:
        data: The ``data`` of a modal submit, as it came from the gateway: nothing in it is trusted.

    Raises:
        InputError: The thought is empty or too long, or the sheep are none that the form offers.
    """
    values = dict(_values(data.get("components")))
    chosen = values.get(SHEEP_FIELD)
    offered = {str(sheep): sheep for sheep in range(MIN_SHEEP, MAX_SHEEP + 1)}
    if chosen is not None and not (isinstance(chosen, str) and chosen in offered):
        raise InputError(f"A film takes {MIN_SHEEP} to {MAX_SHEEP} sheep. Nothing was saved; please choose again.")
    body = must_say_something(values.get(BODY_FIELD))
    return offered[chosen] if chosen else None, body, values.get(SPOILER_FIELD) is True


def must_say_something(written: object) -> str:
    """A thought as it is kept.

    Raises:
        InputError: There is nothing in it that can be read, or it is too long.
    """
    body = text.clean(written) if isinstance(written, str) else ""
    if not body:
        raise InputError("There was nothing to read in that thought, so nothing was saved. Please write a few words.")
    if len(body) > MAX_THOUGHT:
        raise InputError(
            f"That thought has {len(body):,} characters and {MAX_THOUGHT:,} fit. Nothing was saved; please shorten it."
        )
    return body


def confirm(heading: str, control: Control, name: str) -> discord.ui.Modal:
    """A form that is sent in by who typed a name of at most 100 characters: what cannot be undone asks for it."""
    modal = discord.ui.Modal(title=heading, custom_id=control.pack(), timeout=None)
    modal.add_item(
        discord.ui.Label(
            text="This cannot be undone. Type to confirm:",
            description=name,
            component=discord.ui.TextInput(custom_id=NAME_FIELD, max_length=4 * TYPED),
        )
    )
    modal.stop()
    return modal


def must_confirm(data: Mapping[str, Any], name: str) -> None:
    """Refuse a form of :func:`confirm` in which another name was typed; case, accents and punctuation do not matter.

    Args:
        data: The ``data`` of a modal submit, as it came from the gateway: nothing in it is trusted.

    Raises:
        InputError: Another name was typed, or none.
    """
    typed = field(data, NAME_FIELD)
    if not isinstance(typed, str) or fold(typed) != fold(name):
        raise InputError(f"That is not “{text.literal(name, 4 * TYPED)}”, so nothing was deleted. Please try again.")


def words(data: Mapping[str, Any] | None) -> str:
    """What a member wrote into the form for a thought, or gave a command as one, whatever else is wrong with it."""
    written = field(data, BODY_FIELD)
    for option in (data or {}).get("options") or ():
        written = option.get("value") if option.get("name") == THOUGHT_OPTION else written
    return text.clean(written[: 4 * MAX_THOUGHT]) if isinstance(written, str) else ""


def field(data: Mapping[str, Any] | None, name: str) -> Any:
    """What came back in a form's field; None where nothing did."""
    return dict(_values((data or {}).get("components"))).get(name)


def _values(components: object) -> Iterator[tuple[str, Any]]:
    """Every field's custom_id and value, whatever labels and rows stand around it."""
    waiting = [components]  # a list, not recursion: a forged form may be nested as deeply as JSON allows
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(cast("list[object]", item))
        elif isinstance(item, dict):
            component = cast("dict[str, Any]", item)
            if isinstance(name := component.get("custom_id"), str):
                yield name, component.get("value", component.get("values"))  # a menu has the latter
            waiting += [component.get("component"), component.get("components")]
