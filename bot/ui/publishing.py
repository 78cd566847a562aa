"""What critics see: the form for a review, its preview, and what can be done with one that is published."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import discord

from bot.drafts import LIMITS, base_of, from_form, slug_of
from bot.ranking import MAX_SHEEP
from bot.ui import controls, embeds, modals, text
from bot.ui import publishing_ids as pub

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.drafts import Draft, Typed
    from bot.ranking import Tally
    from bot.reviews.model import Review
    from bot.rules import Poll
    from bot.ui.control import Control

PREVIEW = "This is how it will look; only you see it. It is kept until you post or discard it, also for another day."
PREVIEW_OF_CHANGE = "This is how it will look; only you see it. What is published stays as it is until you save."
CHANGED_MEANWHILE = (
    "⚠️ Somebody has changed the published review since you began. Saved, what stands below takes the place of that."
)
ANOTHER_BY_NOW = "You have changed this draft since you looked at it. This is how it is now:"
NO_DRAFT = (
    "That draft is not there any more: it was posted, saved or discarded. `/publish` begins a new one, and with a"
    " `title` it finds what is published."
)
BUSY = "I am at it already; please give me a moment."
STORED_ONLY = (
    "That is done and stored, but I could not show it just now. It shows after my next start at the latest; `/publish`"
    " with its `title` finds it then."
)
NOT_POSTED = (
    "It is published, and found by `/review`; but I could not post it here just now. `/publish` with its `title` lets"
    " you post it again."
)
BY_FEED = (
    "That review came by a feed: what its site changes follows here, so it cannot be edited. Moderators can retire it."
)
NOT_YOURS = "That is for the author of that review, and for those who moderate this server."
NONE_OF_YOURS = "There is no review here that you could change. `/publish` without a title begins one."
KEEP_IT = "The file is for you to keep; whoever runs Sheepbot can put it on everyone's shelf as it is."


def form(review_id: int, draft: Draft) -> discord.ui.Modal:
    """The form for a review, filled with what was typed before."""
    said = draft.typed
    modal = discord.ui.Modal(
        title="Change a review" if review_id else "Write a review",
        custom_id=pub.ReviewForm(review_id, draft.base).pack(),
        timeout=None,
    )
    fields: list[tuple[str, str, discord.ui.Item[Any]]] = [
        ("Title and year", "As in: Miss You Already (2015)", _input("title", said, required=True)),
        ("Sheep", "Your verdict, 0 to 5 by halves; or none.", _sheep(said.sheep)),
        (
            "Credits",
            "What does not apply stays empty. “Review by” is where you sign.",
            _input("facts", said, long=True),
        ),
        ("A line from the film", "Below it, after a dash, who says it.", _input("quote", said, long=True)),
        (
            "Your review",
            "With *slanted* and **bold** where you like.",
            _input(modals.BODY_FIELD, said, long=True, required=True),
        ),
    ]
    for label, description, component in fields:
        modal.add_item(discord.ui.Label(text=label, description=description, component=component))
    modal.stop()  # the router takes the answer
    return modal


def read_form(data: Mapping[str, Any]) -> Typed:
    """What a critic sent.

    Args:
        data: The ``data`` of a modal submit, as it came from the gateway: nothing in it is trusted.

    Raises:
        InputError: It is more than the form takes.
    """
    values = {name: modals.field(data, name) for name in LIMITS}
    match values["sheep"]:
        case [chosen]:
            values["sheep"] = chosen
        case _:
            values["sheep"] = ""
    return from_form(values)


def preview(
    review_id: int, draft: Draft, review: Review, tally: Tally, poll: Poll
) -> tuple[discord.Embed, discord.ui.View]:
    """A review as it would be posted, its buttons at rest, and what can be done with the draft."""
    embed, view = controls.posted(review_id, review, tally, poll)
    for item in view.children:
        if isinstance(item, discord.ui.Button) and item.url is None:
            item.disabled = True
    return embed, controls.finished([*view.children, *_choices(review_id, draft)])


def unreadable(review_id: int, draft: Draft, why: str) -> tuple[discord.Embed, discord.ui.View]:
    """A draft that is no review yet, with the reason."""
    _, *others = _choices(review_id, draft)
    return discord.Embed(description=why, colour=embeds.WOOL), controls.finished(others)


def own(review_id: int, review: Review, by: str, *, editable: bool) -> tuple[discord.Embed, discord.ui.View]:
    """What can be done with a review that is published.

    Args:
        by: Whose it is, in words.
    """
    on = f", {review.published.isoformat()}" if review.published else ""
    embed = discord.Embed(description=f"{_film(review)}\n{by}{on}", colour=embeds.GRASS)
    edit = [_button("Edit", pub.WriteReview(review_id), discord.ButtonStyle.primary)] if editable else []
    again, retire = _button("Post again", pub.PostAgain(review_id)), pub.Retire(review_id, 0)
    return embed, controls.finished([*edit, again, _button("Retire …", retire, discord.ButtonStyle.danger)])


def sure(review_id: int, review: Review) -> tuple[discord.Embed, discord.ui.View]:
    """The question before a review is retired."""
    said = (
        f"Take {_film(review)} off the shelf of this server? Its posts will say that it was withdrawn, and nobody finds"
        " it any more. That cannot be undone here; you are handed the review as a file."
    )
    return discord.Embed(description=said, colour=embeds.GRASS), controls.finished(
        [
            _button("Retire", pub.Retire(review_id, 1), discord.ButtonStyle.danger),
            _button("Keep it", pub.Published(review_id)),
        ]
    )


def done(said: str) -> discord.Embed:
    """What came of an act."""
    return discord.Embed(description=said, colour=embeds.GRASS)


def handed_out(said: str, review: Review) -> tuple[discord.Embed, list[discord.File]]:
    """What came of an act on a review, and the review as a file, under the name that it would have on everyone's shelf.

    Args:
        said: What became of it, without its name.
    """
    from bot.reviews.files import ReviewFileError  # noqa: PLC0415 - loads pydantic and yaml, which few starts need
    from bot.reviews.writing import written  # noqa: PLC0415 - as above

    slug = slug_of(review.title, review.year)
    try:
        content = BytesIO(written(replace(review, slug=slug)))
    except ReviewFileError:  # a feed may bring what no file can hold
        return done(f"{_film(review)} {said}"), []
    file = discord.File(content, f"{slug}.md", description="The review, as a file that Sheepbot reads")
    return done(f"{_film(review)} {said} {KEEP_IT}"), [file]


def words(draft: Draft) -> discord.File:
    """What was typed as the text of a review, as a file."""
    return discord.File(BytesIO(text.clean(draft.typed.body).encode()), "your-words.txt", description="What you wrote")


def outdated(draft: Draft, review: Review) -> Draft | None:
    """The draft as one of a review as it is now; None where it is that already."""
    return None if draft.base == base_of(review) else draft._replace(base=base_of(review))


def _input(name: str, said: Typed, *, long: bool = False, required: bool = False) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        default=getattr(said, name) or None,
        required=required,
        max_length=LIMITS[name],
    )


def _sheep(given: str) -> discord.ui.Select[Any]:
    halves = range(2 * MAX_SHEEP, -1, -1)
    options = [
        discord.SelectOption(
            label=f"{text.half_sheep(half)} sheep", value=f"{half / 2:g}", default=f"{half / 2:g}" == given
        )
        for half in halves
    ]
    return discord.ui.Select(
        custom_id=modals.SHEEP_FIELD, placeholder="No verdict", options=options, required=False, min_values=0
    )


def _choices(review_id: int, draft: Draft) -> list[discord.ui.Button[discord.ui.View]]:
    label = "Save" if review_id else "Post"
    return [
        _button(label, pub.PostDraft(review_id, draft.version), discord.ButtonStyle.success, row=2),
        _button("Edit", pub.WriteReview(review_id), row=2),
        _button("Discard", pub.DiscardDraft(review_id, draft.version), discord.ButtonStyle.danger, row=2),
    ]


def _film(review: Review) -> str:
    return f"**{text.literal(review.name, embeds.NAME_IN_LIST) or text.literal(review.slug, embeds.NAME_IN_LIST)}**"


def _button(
    label: str,
    control: Control,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    *,
    row: int | None = None,
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=label, custom_id=control.pack(), style=style, row=row)
