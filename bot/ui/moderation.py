"""What moderators see, and what a member sees who reports a thought."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import InputError, UnknownControlError
from bot.reviews.model import titled
from bot.ui import controls, embeds, ids, modals, text
from bot.ui import moderation_ids as mod
from bot.words import MAX_WORD, MAX_WORDS, fold_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.store.audit import Entry
    from bot.store.moderation import Waiting
    from bot.store.thoughts import SharedThought
    from bot.ui.control import Control

LOG_PAGE = 8
WORDS_PAGE = controls.MAX_OPTIONS
FILM = 120
DETAIL = 100
BOT = "Sheepbot"
DONE_BY_BOT = {"left", "returned"}
_ACTS = {
    "approve": "approved the thought of {}",
    "remove": "removed the thought of {}",
    "block": "blocked {}",
    "unblock": "unblocked {}",
    "void": "set the votes of {} aside",
    "restore": "brought the votes of {} back",
    "add words": "put words on the list",
    "remove words": "took words off the list",
    "close": "closed the vote",
    "reopen": "reopened the vote",
    "reset": "deleted all votes",
    "change review": "changed the review that {} published",
    "retire review": "withdrew the review that {} published",
    "retire feed review": "withdrew a review that came by a feed",
    "follow": "follows a feed",
    "unfollow": "follows a feed no more",
    "settings": "changed a setting",
    "defaults": "set all settings back",
    "left": "set the votes of {} aside, who left",
    "returned": "brought the votes of {} back, who returned",
}


def named(member_id: int, names: Mapping[int, str]) -> str:
    """A member as Discord calls them, or mentioned."""
    called = text.literal(text.plain(names.get(member_id, ""), embeds.NAME), 2 * embeds.NAME)
    return f"**{called}**" if called else f"<@{member_id}>"


def answer(said: str, *choices: tuple[str, Control]) -> tuple[discord.Embed, discord.ui.View]:
    """What came of an act, and what can follow it."""
    return discord.Embed(description=said, colour=embeds.WOOL), controls.finished(
        [_button(label, control) for label, control in choices]
    )


def report_menu(
    review_id: int, shown: Sequence[SharedThought], start: int, reader_id: int, names: Mapping[int, str]
) -> discord.ui.Select[discord.ui.View] | None:
    """The menu to report one of the thoughts on a page; None where all are the reader's own."""
    options = [
        discord.SelectOption(
            label=text.plain(names.get(one.member_id, ""), controls.OPTION) or f"Thought {place}",
            value=str(one.member_id),
            description=None if one.thought.spoiler else text.plain(one.thought.body, controls.OPTION) or None,
        )
        for place, one in enumerate(shown, start=start + 1)
        if one.member_id != reader_id
    ]
    if not options:
        return None
    placeholder = "Report a thought to the moderators …"
    return discord.ui.Select(
        custom_id=mod.PickReport(review_id).pack(), placeholder=placeholder, options=options, row=2
    )


def reported(*, new: bool) -> discord.Embed:
    """What a member is told who reports a thought."""
    said = (
        "Thank you. The moderators of this server will look at that thought. Nobody else learns of it, and its author"
        " never learns who reported it."
        if new
        else "You have reported that thought already, or it is not there any more. There is nothing else to do."
    )
    return discord.Embed(description=said, colour=embeds.WOOL)


def queue(
    one: Waiting | None, page: int, total: int, reasons: Sequence[str], names: Mapping[int, str], said: str
) -> tuple[discord.Embed, discord.ui.View]:
    """A thought that waits for a moderator, below what came of the last one.

    Args:
        reasons: The words of the server's list that are in it, or why else it waits.
    """
    embed = discord.Embed(title="Thoughts that wait for you", colour=embeds.GRASS)
    above = f"{said}\n\n" if said else ""
    if one is None:
        embed.description = f"{above}Nothing waits: no thought is reported or held."
        return embed, controls.finished([])
    votes = f" · {text.given(one.sheep)}" if one.sheep else ""
    embed.description = (
        f"{above}{named(one.member_id, names)} on"
        f" **{text.literal(titled(one.title, one.year), FILM)}**{votes} · {text.when(one.updated_at)}\n"
        f"{embeds.quoted(one.thought)}"
    )
    embed.add_field(name="Why it is here", value="\n".join(f"• {reason}" for reason in reasons), inline=False)
    state = "Others do not see it" if one.held else "Others see it"
    embed.set_footer(text=f"{page + 1} of {total:,} · {state} until you decide · Author {one.member_id}")
    about = (one.review_id, one.member_id, one.updated_at, page)
    buttons = [
        _button("Approve", mod.Approve(*about), discord.ButtonStyle.success),
        _button("Remove", mod.Remove(*about), discord.ButtonStyle.danger),
        _button("Block author", mod.BlockAuthor(*about), discord.ButtonStyle.danger),
    ]
    return embed, controls.finished(
        [*buttons, *_turn(mod.Queue(page - 1) if page else None, mod.Queue(page + 1) if page + 1 < total else None)]
    )


def reasons(one: Waiting, words: Sequence[str], *, reviewed: bool) -> list[str]:
    """Why a thought waits.

    Args:
        words: The words of the server's list that are in it.
        reviewed: Whether the server reads all thoughts first.
    """
    listed = ", ".join(f"“{text.literal(word, FILM)}”" for word in words[:10])
    why = [
        (one.reports, f"{text.plural(one.reports, 'member')} reported it"),
        (one.held and words, f"It has words of your list: {listed}"),
        (one.held and one.removed_before, "Moderators removed what its author wrote here before"),
        (one.held and reviewed, "This server reads thoughts before others see them"),
    ]
    return [reason for holds, reason in why if holds] or ["The rule by which it waited has changed since"]


def words(listed: Sequence[str], page: int, said: str = "") -> tuple[discord.Embed, discord.ui.View]:
    """A page of the words that hold a thought back, below what came of the last change."""
    embed = discord.Embed(title="Words that hold a thought back", colour=embeds.GRASS)
    shown = listed[page * WORDS_PAGE : (page + 1) * WORDS_PAGE]
    above = f"{said}\n\n" if said else ""
    if not shown:
        embed.description = f"{above}There is none yet. A thought with such a word waits until one of you approves it."
    else:
        embed.description = above + "\n".join(f"• {text.literal(word, 2 * FILM)}" for word in shown)
    embed.set_footer(
        text=f"{len(listed)} of {MAX_WORDS} words, found whole, whatever their case, accents, spaces and signs."
    )
    items: list[discord.ui.Item[discord.ui.View]] = []
    if shown:
        items.append(
            discord.ui.Select(
                custom_id=mod.DropWords(page).pack(),
                placeholder="Remove words …",
                options=[discord.SelectOption(label=text.plain(word, 100) or word, value=word) for word in shown],
                max_values=len(shown),
                row=0,
            )
        )
    more = (page + 1) * WORDS_PAGE < len(listed)
    items.append(_button("Add words", mod.AddWords(), discord.ButtonStyle.primary, row=1))
    items += _turn(mod.Words(page - 1) if page else None, mod.Words(page + 1) if more else None)
    return embed, controls.finished(items)


def words_form() -> discord.ui.Modal:
    """The form for more words."""
    modal = discord.ui.Modal(title="Words that hold a thought back", custom_id=mod.WordsForm().pack(), timeout=None)
    modal.add_item(
        discord.ui.Label(
            text="Words",
            description=f"One a line, or parted by commas. At most {MAX_WORD} characters each.",
            component=discord.ui.TextInput(
                custom_id=modals.BODY_FIELD, style=discord.TextStyle.paragraph, max_length=4000
            ),
        )
    )
    modal.stop()  # as for thoughts, the router takes the answer
    return modal


def read_words(data: Mapping[str, Any], listed: frozenset[str]) -> set[str]:
    """The new words, folded, that a moderator sent.

    Raises:
        InputError: There is none, one is too long, or they are too many.
    """
    written = modals.field(data, modals.BODY_FIELD)
    folded = {fold_word(text.clean(word)) for word in re.split(r"[\n,;]", written if isinstance(written, str) else "")}
    folded -= {""}
    if not folded:
        raise InputError("There was no word to read in that, so nothing was changed. Please write one a line.")
    if longest := [word for word in folded if len(word) > MAX_WORD]:
        raise InputError(
            f"{len(longest)} of those words had more than {MAX_WORD} characters, so nothing was changed. Please shorten"
            " them."
        )
    if len(folded | listed) > MAX_WORDS:
        raise InputError(
            f"The list holds {MAX_WORDS} words, and has {len(listed)}. Nothing was changed; please remove some first."
        )
    return folded - listed


def chosen_words(data: Mapping[str, Any]) -> list[str]:
    """The words that were chosen to be removed.

    Raises:
        UnknownControlError: What came back are none.
    """
    values: object = data.get("values")
    if not isinstance(values, list):
        raise UnknownControlError
    chosen = [value for value in values if isinstance(value, str)]  # pyright: ignore[reportUnknownVariableType] - forged, it may hold anything
    if not chosen:
        raise UnknownControlError
    return chosen[:MAX_WORDS]


def log(
    found: Sequence[Entry], before: int, member_id: int, names: Mapping[int, str], *, newest: bool
) -> tuple[discord.Embed, discord.ui.View]:
    """A page of the audit log; of more entries than fit, the last only tells that there are more."""
    embed = discord.Embed(title="What was done here", colour=embeds.GRASS)
    shown = found[:LOG_PAGE]
    if member_id:
        embed.title = "What was done to a member here"
    if not shown:
        embed.description = "There is nothing in the log" + ("." if newest else " before that.")
        return embed, controls.finished([])
    embed.description = "\n".join(_entry(one, names) for one in shown)
    older = mod.Log(shown[-1].number, member_id) if len(found) > LOG_PAGE else None
    return embed, controls.finished(
        [
            *([] if newest else [_button("Newest", mod.Log(ids.MAX_ID, member_id), row=0)]),
            *([_button("Older", older, row=0)] if older else []),
            _button("Save as CSV", mod.ExportLog(before, member_id, 0), row=1),
            _button("Save as JSON Lines", mod.ExportLog(before, member_id, 1), row=1),
        ]
    )


def _entry(one: Entry, names: Mapping[int, str]) -> str:
    if one.actor_id is not None:
        actor = named(one.actor_id, names)
    else:
        actor = BOT if one.act in DONE_BY_BOT else "Someone whose data was deleted"
    member = named(one.member_id, names) if one.member_id is not None else "a former member"
    did = _ACTS.get(one.act, one.act + (" {}" if one.member_id is not None else "")).format(member)
    film = f" on *{text.literal(titled(one.title, one.year), FILM)}*" if one.title is not None else ""
    detail = f" ({text.literal(one.detail, DETAIL)})" if one.detail else ""
    return f"<t:{one.at}:f> {actor} {did}{film}{detail}"


def _turn(back: Control | None, on: Control | None) -> list[discord.ui.Button[discord.ui.View]]:
    return [
        *([_button("Previous", back, row=1)] if back else []),
        *([_button("Next", on, row=1)] if on else []),
    ]


def _button(
    label: str,
    control: Control,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    *,
    row: int | None = 0,
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=label, custom_id=control.pack(), style=style, row=row)
