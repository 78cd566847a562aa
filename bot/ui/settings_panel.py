"""What those who manage a server see of its settings: the state in words, and the controls that change it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import discord

from bot.errors import InputError
from bot.findings import Mark
from bot.rules import GuildSettings, Leavers, ShowResults, ThoughtsPolicy
from bot.ui import controls, embeds, manager_ids, modals, text
from bot.ui.manager_ids import Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.findings import Finding
    from bot.ui.ids import Control

PARTS = ("Voting", "Boards and news")


class Menu(NamedTuple):
    """What is offered for a setting: each value, its name and what it means; the values are those that are kept."""

    about: str
    choices: Mapping[str, tuple[str, str]]


MENUS: dict[Setting, Menu] = {
    Setting.RESULTS: Menu(
        "Results",
        {
            ShowResults.ALWAYS: ("always", "everyone sees how the others voted"),
            ShowResults.AFTER_VOTING: ("after voting", "posts show how many voted, and who has voted sees the rest"),
            ShowResults.AFTER_CLOSING: ("after closing", "nobody sees how the others voted until the vote is closed"),
        },
    ),
    Setting.THOUGHTS: Menu(
        "Thoughts",
        {
            ThoughtsPolicy.OPEN: ("open", "they show at once"),
            ThoughtsPolicy.REVIEWED: ("reviewed first", "they show once a moderator approved them"),
            ThoughtsPolicy.OFF: ("off", "nobody can share new ones"),
        },
    ),
    Setting.PICTURES: Menu(
        "Pictures", {"1": ("on", "boards and results come with them"), "0": ("off", "boards and results are text only")}
    ),
    Setting.LEAVERS: Menu(
        "Votes of members who left",
        {
            Leavers.KEEP: ("stay", "they go on counting"),
            Leavers.DROP: ("are set aside", "they count again when the member comes back"),
        },
    ),
}


class Number(NamedTuple):
    """A setting that is typed, and within what bounds."""

    setting: str
    label: str
    least: int
    most: int
    whole: bool = True


NUMBERS: tuple[tuple[Number, ...], ...] = (
    (Number("min_account_days", "Least age of an account, in days", 0, 3_650),),
    (
        Number("weight", "m: how many votes the mean counts for", 0, 100, whole=False),
        Number("min_votes", "Votes a film needs to be on a board", 1, 1_000),
    ),
)
"""The numbers in each part."""
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,2})?", re.ASCII)


def part_of(setting: Setting) -> int:
    """The part in which a setting is chosen."""
    return int(setting not in {Setting.VOTER_ROLE, Setting.RESULTS, Setting.THOUGHTS})


def panel(
    settings: GuildSettings, part: int, *, role: bool, critics: bool, news: Finding | None, note: str = ""
) -> discord.Embed:
    """What the server has decided, in words.

    Args:
        role: Whether the role that members need is there still.
        critics: Whether the critics' role is.
        news: What there is to say of the channel for new reviews, where one is set.
        note: What came of the last change.
    """
    who = "everyone"
    if settings.voter_role is not None:
        who = f"only members with <@&{settings.voter_role}>"
        if not role:
            who = "⚠️ nobody, as the role that members need was deleted. Choose another, or none"
    if settings.min_account_days:
        who += f"; accounts {text.plural(settings.min_account_days, 'day')} old or older"
    announced = "announced nowhere"
    if news:
        announced = news.said if news.mark is Mark.GOOD else f"⚠️ {news.said}. {news.fix}"
    lines = [
        ("Who takes part", who),
        *(_said(settings, setting) for setting in (Setting.RESULTS, Setting.THOUGHTS)),
        ("Boards", _boards(settings)),
        ("Who publishes reviews", _publishing(settings, critics=critics)),
        ("New reviews", announced),
        *(_said(settings, setting) for setting in (Setting.PICTURES, Setting.LEAVERS)),
    ]
    embed = discord.Embed(title="Sheepbot in this server", colour=embeds.GRASS)
    embed.description = "\n".join([*([note, ""] if note else []), *(f"**{about}**: {said}" for about, said in lines)])
    return embed.set_footer(text=f"Below: {PARTS[part].lower()}. Each choice holds at once.")


def menus(settings: GuildSettings, part: int, *, role: bool, critics: bool, channel: bool) -> discord.ui.View:
    """The controls of a part.

    Args:
        role: Whether the role that members need is there still.
        critics: Whether the critics' role is.
        channel: Whether the channel for new reviews is.
    """
    if part == 0:
        return controls.finished(
            [
                _roles(Setting.VOTER_ROLE, "Only members with the role …", settings.voter_role if role else None, 0),
                _menu(settings, Setting.RESULTS, 1),
                _menu(settings, Setting.THOUGHTS, 2),
                _button("Age of accounts …", manager_ids.AskNumbers(0)),
                _button(f"{PARTS[1]} …", manager_ids.SettingsPage(1)),
            ]
        )
    return controls.finished(
        [
            discord.ui.ChannelSelect[discord.ui.View](
                custom_id=manager_ids.SetSetting(Setting.CHANNEL).pack(),
                placeholder="Announce new reviews in …",
                channel_types=[discord.ChannelType.text, discord.ChannelType.news],
                min_values=0,
                default_values=_given(settings.channel_id if channel else None, discord.SelectDefaultValueType.channel),
                row=0,
            ),
            _roles(
                *(Setting.CRITIC_ROLE, "Let members publish reviews with the role …"),
                *(settings.critic_role if critics else None, 1),
            ),
            _menu(settings, Setting.PICTURES, 2),
            _menu(settings, Setting.LEAVERS, 3),
            _button("Numbers for boards …", manager_ids.AskNumbers(1)),
            _button(f"{PARTS[0]} …", manager_ids.SettingsPage(0)),
            _button("Restore defaults", manager_ids.RestoreSettings(0), discord.ButtonStyle.danger),
        ]
    )


def sure() -> tuple[discord.Embed, discord.ui.View]:
    """The question before all settings are set back."""
    said = (
        "Set all settings of this server back to their defaults? The channel for new reviews and the critics' role go,"
        " too."
    )
    return discord.Embed(description=said, colour=embeds.GRASS), controls.finished(
        [
            _button("Restore defaults", manager_ids.RestoreSettings(1), discord.ButtonStyle.danger),
            _button("Keep them", manager_ids.SettingsPage(1)),
        ]
    )


def numbers(settings: GuildSettings, part: int) -> discord.ui.Modal:
    """The form for the numbers of a part, filled with those that hold."""
    modal = discord.ui.Modal(title=PARTS[part], custom_id=manager_ids.NumbersForm(part).pack(), timeout=None)
    for number in NUMBERS[part]:
        default = f"{getattr(settings, number.setting):g}"
        field = discord.ui.TextInput[discord.ui.Modal](custom_id=number.setting, default=default, max_length=8)
        between = f"{number.least:,} to {number.most:,}"
        modal.add_item(discord.ui.Label(text=number.label, description=between, component=field))
    modal.stop()  # the router takes the answer
    return modal


def read_numbers(data: Mapping[str, Any], part: int) -> dict[str, float]:
    """The numbers that a manager typed, by the names of their settings.

    Args:
        data: The ``data`` of a modal submit, as it came from the gateway: nothing in it is trusted.

    Raises:
        InputError: One is none, or out of its bounds.
    """
    return {number.setting: _number(number, modals.field(data, number.setting)) for number in NUMBERS[part]}


def _number(number: Number, typed: object) -> float:
    written = typed.strip() if isinstance(typed, str) else ""
    value = float(written.replace(",", ".")) if _NUMBER.fullmatch(written) else -1.0
    if not number.least <= value <= number.most or (number.whole and not value.is_integer()):
        kind = "a whole number" if number.whole else "a number"
        bounds = f"{number.least:,} to {number.most:,}"
        raise InputError(f"“{number.label}” takes {kind} from {bounds}. Nothing was changed.")
    return int(value) if number.whole else value


def _publishing(settings: GuildSettings, *, critics: bool) -> str:
    if settings.critic_role is None:
        return "only those who manage the server"
    if not critics:
        return "⚠️ only those who manage the server, as the critics' role was deleted. Choose another, or none"
    return f"members with <@&{settings.critic_role}>, and those who manage the server"


def _boards(settings: GuildSettings) -> str:
    added = f"{settings.weight:g} {'vote' if settings.weight == 1 else 'votes'} at the mean"
    return f"each film is ranked with {added} added (m), and needs {text.plural(settings.min_votes, 'vote')}"


def _said(settings: GuildSettings, setting: Setting) -> tuple[str, str]:
    menu, value = MENUS[setting], _value(settings, setting)
    name, meaning = menu.choices[value]
    return menu.about, f"{name} ({meaning})"


def _value(settings: GuildSettings, setting: Setting) -> str:
    value = getattr(settings, setting)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _menu(settings: GuildSettings, setting: Setting, row: int) -> discord.ui.Select[discord.ui.View]:
    menu, now = MENUS[setting], _value(settings, setting)
    options = [
        discord.SelectOption(label=f"{menu.about}: {name}", value=value, description=meaning, default=value == now)
        for value, (name, meaning) in menu.choices.items()
    ]
    custom_id = manager_ids.SetSetting(setting).pack()
    return discord.ui.Select(custom_id=custom_id, placeholder=f"{menu.about} …", options=options, row=row)


def _roles(setting: Setting, placeholder: str, chosen: int | None, row: int) -> discord.ui.RoleSelect[discord.ui.View]:
    return discord.ui.RoleSelect(
        custom_id=manager_ids.SetSetting(setting).pack(),
        placeholder=placeholder,
        min_values=0,
        default_values=_given(chosen, discord.SelectDefaultValueType.role),
        row=row,
    )


def _given(chosen: int | None, kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [] if chosen is None else [discord.SelectDefaultValue(id=chosen, type=kind)]


def _button(
    label: str, control: Control, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=label, custom_id=control.pack(), style=style, row=4)
