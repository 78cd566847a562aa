"""Custom_ids: each control's whole state, and nothing that anyone can forge."""

# ruff: noqa: RUF001 - look-alikes of ASCII are what members and forgers type

from __future__ import annotations

from dataclasses import is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ranking import MAX_SHEEP, MIN_SHEEP, Period, Scope, Sort
from bot.ui import ids
from bot.ui.ids import Control
from bot.ui.manager_ids import Setting
from tests.limits import CUSTOM_ID

NUMBERS = st.integers(0, ids.MAX_ID) | st.sampled_from([0, ids.MAX_ID])
POSITIONS = st.integers(0, ids.MAX_POSITION) | st.sampled_from([0, ids.MAX_POSITION])
FIELDS = {
    "part": st.integers(0, 1),
    "sure": st.integers(0, 1),
    "setting": st.sampled_from(Setting),
    "sheep": st.integers(MIN_SHEEP, MAX_SHEEP),
    "start": POSITIONS,
    "page": POSITIONS,
    "back": st.integers(0, 1),
    "jsonl": st.integers(0, 1),
    "allowed": st.integers(0, 1),
    "override": st.integers(0, 1),
    "sort": st.sampled_from(Sort),
    "period": st.sampled_from(Period),
    "scope": st.sampled_from(Scope),
    "min_votes": st.integers(1, ids.MAX_MIN_VOTES),
    **dict.fromkeys(("genre", "director", "critic"), st.integers(0, ids.MAX_LABEL)),
    "decade": st.integers(0, ids.LAST_DECADE // 10).map(lambda ten: 10 * ten),
}
KINDS = ids.CONTROLS


def every(kind: type[Control]) -> st.SearchStrategy[Control]:
    """Any control of a kind, whatever its fields may hold."""
    return st.builds(kind, **{name: FIELDS.get(name, NUMBERS) for name in kind.fields})


controls = st.sampled_from(KINDS).flatmap(every)
forged = st.lists(
    st.sampled_from(["sheep1", "sheep2", "vote", "thoughts", "board", "pick", "top", ":", "", "0", "1", "5", "-", "\n"])
    | st.text(max_size=3)
).map(":".join)


@given(controls)
def test_every_control_comes_back_from_its_custom_id(control: Control) -> None:
    packed = control.pack()

    assert ids.parse(packed) == control
    assert len(packed) <= CUSTOM_ID


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_custom_id_of_each_control_fits(kind: type[Control]) -> None:
    longest = {
        "part": 1,
        "sure": 1,
        "setting": max(Setting, key=len),
        "sheep": MAX_SHEEP,
        "start": ids.MAX_POSITION,
        "page": ids.MAX_POSITION,
        "back": 1,
        "jsonl": 1,
        "allowed": 1,
        "override": 1,
        "sort": max(Sort, key=len),
        "period": max(Period, key=len),
        "scope": max(Scope, key=len),
        "min_votes": ids.MAX_MIN_VOTES,
        **dict.fromkeys(("genre", "director", "critic"), ids.MAX_LABEL),
        "decade": ids.LAST_DECADE,
    }
    control = kind(**{name: longest.get(name, ids.MAX_ID) for name in kind.fields})

    assert len(control.pack()) <= CUSTOM_ID
    assert ids.parse(control.pack()) == control


def test_every_control_is_listed_under_a_name_of_its_own() -> None:
    made = {leaf for kind in Control.__subclasses__() for leaf in kind.__subclasses__() or [kind]}
    assert made == set(KINDS)
    assert len({kind.kind for kind in KINDS}) == len(KINDS)
    assert not any(map(is_dataclass, KINDS))  # see Control


def test_a_control_is_made_of_its_fields_and_stays_as_it_is() -> None:
    control = ids.FullReview(1)

    assert (control, repr(control)) == (ids.FullReview(page=0, review_id=1), "FullReview(review_id=1, page=0)")
    assert {control: "kept"}[control.replace(page=2).replace(page=0)] == "kept"
    assert control != ids.Results(1)
    with pytest.raises(AttributeError, match="page"):
        control.page = 1  # pyright: ignore[reportAttributeAccessIssue] - that is the test
    with pytest.raises(TypeError, match="part"):
        control.replace(part=1)
    with pytest.raises(AttributeError, match="review_id"):
        ids.FullReview()  # pyright: ignore[reportCallIssue] - as above
    with pytest.raises(ValueError, match="longer"):
        ids.FullReview(1, 2, 3)  # pyright: ignore[reportCallIssue] - as above


@given(controls, controls)
def test_two_controls_never_share_a_custom_id(one: Control, other: Control) -> None:
    assert (one == other) == (one.pack() == other.pack())


@pytest.mark.parametrize(
    "number",
    ["１", "٣", "1_0", "+1", "-1", "01", "00", " 1", "1 ", "1\n", "", "1.0", "0x1", "1e3", str(2**63), "9" * 5000],
)
def test_a_number_is_only_what_we_write_ourselves(number: str) -> None:
    assert ids.parse(f"sheep1:results:{number}") is None


@pytest.mark.parametrize(
    "custom_id",
    [
        *("", "\n", ":", "sheep1", "sheep1:", "sheep1::", "sheep1:vote", "sheep1:vote:", "sheep1:vote:1"),
        *("sheep1:vote:1:0", "sheep1:vote:1:6", "sheep1:vote:1:5:1", "sheep1:vote:1:5:", "sheep1:vote:1:5\n"),
        *("sheep0:vote:1:5", "sheep2:vote:1:5", "Sheep1:vote:1:5", "sheep1:VOTE:1:5", "vote:1:5", " sheep1:vote:1:5"),
        *(
            "sheep1:control:1",
            "sheep1:__class__:1",
            "sheep1:pick:",
            "sheep1:pick:1",
            "sheep1:mine",
            "sheep1:mine:1000001",
        ),
        *("sheep1:thoughts:1:0", "sheep1:thoughts:1:0:2", "sheep1:thoughts:1:1000001:0", "sheep1:full:1:1000001"),
        *(
            "sheep1:boards:top:all:server:3:0:0:0:0",
            "sheep1:boards:top:all:server:3:0:0:0:0:0:0",
            "sheep1:boards:top:all:server:0:0:0:0:0:0",
            f"sheep1:boards:top:all:server:{ids.MAX_MIN_VOTES + 1}:0:0:0:0:0",
            f"sheep1:boards:top:all:server:3:{ids.MAX_LABEL + 1}:0:0:0:0",
            "sheep1:boards:top:all:server:3:0:-1:0:0:0",
            "sheep1:boards:top:all:server:3:0:0:x:0:0",
            "sheep1:boards:top:all:server:3:0:0:0:1994:0",
            "sheep1:boards:top:all:server:3:0:0:0:10000:0",
            "sheep1:boards:top:all:server:3:0:0:0:0:1000001",
            "sheep1:boards:top:day:server:3:0:0:0:0:0",
            "sheep1:boards:top:all:here:3:0:0:0:0:0",
            "sheep1:boards:worst:all:server:3:0:0:0:0:0",
        ),
        *("sheep1:board:top:3", "sheep1:board:TOP:3:0", "sheep1:board:worst:3:0", "sheep1:board::3:0"),
        *("sheep1:ratings:1:2:0", "sheep1:ratings:1:0", "sheep1:give-ratings:1:2", "sheep1:drop-ratings:-1"),
        *("sheep1:compare", "sheep1:compare:2", "sheep1:compare:1:1", "sheep1:stats:1"),
        "sheep1:results:1" + ":" * 10_000,
    ],
)
def test_what_we_never_made_is_nothing(custom_id: str) -> None:
    assert ids.parse(custom_id) is None


@given(forged | st.text() | st.builds("{}{}".format, controls.map(Control.pack), st.text(max_size=2)))
def test_what_parses_is_exactly_what_we_would_write(custom_id: str) -> None:
    control = ids.parse(custom_id)

    assert control is None or control.pack() == custom_id


@given(st.sampled_from(KINDS), st.integers(ids.MAX_POSITION + 1) | st.integers(max_value=-1))
def test_no_control_leads_beyond_the_last_position(kind: type[Control], position: int) -> None:
    positions = {"start", "page"} & set(kind.fields)
    values = dict.fromkeys(kind.fields, 1) | dict.fromkeys(positions, position)

    if positions:
        with pytest.raises(ValueError, match="position"):
            kind(**values)
