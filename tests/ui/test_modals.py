"""The form for a thought: how it opens, and what may come back from it."""

# ruff: noqa: RUF001 - look-alikes of ASCII are what members and forgers type

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InputError
from bot.reviews.titles import Title
from bot.ui import ids, modals, text
from tests.limits import LABEL, RADIO_GROUP, TEXT_INPUT, check_modal
from tests.ui import nasty

CHECKBOX = 23
MISS_YOU_ALREADY = Title(7, "miss-you-already", "Miss You Already", 2015)

names = st.sampled_from([modals.SHEEP_FIELD, modals.BODY_FIELD, modals.SPOILER_FIELD])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["5", "6", "１"]) | nasty.texts
payloads = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["components", "component", "custom_id", "value"]), inner, max_size=4)
        | st.fixed_dictionaries({"custom_id": names, "value": inner})
    ),
    max_leaves=12,
)


def sent(sheep: object = None, body: object = "Loved it.", spoiler: object = None) -> dict[str, Any]:
    """The data of a submit, as Discord sends it."""
    fields = ((RADIO_GROUP, "sheep", sheep), (TEXT_INPUT, "body", body), (CHECKBOX, "spoiler", spoiler))
    return {
        "custom_id": ids.ThoughtForm(7).pack(),
        "components": [
            {"type": LABEL, "id": number, "component": {"type": kind, "id": 10, "custom_id": name, "value": value}}
            for number, (kind, name, value) in enumerate(fields, start=1)
        ],
    }


def nested(depth: int, key: str) -> dict[str, Any]:
    inner: Any = {"custom_id": "body", "value": "deep"}
    for _ in range(depth):
        inner = {key: [inner] if key == "components" else inner}
    return {"components": [inner]}


# --- as it opens


async def test_the_form_fits_and_is_not_kept_in_memory() -> None:
    form = modals.thought(MISS_YOU_ALREADY, None)

    check_modal(form)
    assert ids.parse(form.custom_id) == ids.ThoughtForm(7)
    assert form.title == "Miss You Already"


async def test_the_form_holds_what_the_member_said_before() -> None:
    form = modals.thought(MISS_YOU_ALREADY, 4, "Loved it.", spoiler=True)

    check_modal(form)
    sheep, body, spoiler = (label["component"] for label in form.to_components())
    assert [option["value"] for option in sheep["options"] if option.get("default")] == ["4"]
    assert body["value"] == "Loved it."
    assert spoiler["default"] is True


@pytest.mark.parametrize("title", ["\u200b", "\u202e \u2800", "", "*" * 300, "🐑" * 158, "a\nb", "\ud800"])
async def test_the_form_opens_for_any_title_and_thought(title: str) -> None:
    check_modal(modals.thought(Title(ids.MAX_ID, "a" * 80, title, None), 5, "🐑" * modals.MAX_THOUGHT))


# --- as it comes back


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (sent(), (None, "Loved it.", False)),
        (sent("1"), (1, "Loved it.", False)),
        (sent("5", spoiler=True), (5, "Loved it.", True)),
        (sent("3", spoiler="true"), (3, "Loved it.", False)),
        (sent(spoiler=1), (None, "Loved it.", False)),
        (sent(body=" \u202eone\r\n\r\n\r\n\r\ntwo\u200b "), (None, "one\n\ntwo", False)),
        (sent(body="🐑" * 1000), (None, "🐑" * 1000, False)),
        (sent(body="\n" * 3000 + "a" * 1000), (None, "a" * 1000, False)),
        (
            {"components": [{"type": 1, "components": [{"custom_id": "body", "value": "old row"}]}]},
            (None, "old row", False),
        ),
        (nested(1000, "component"), (None, "deep", False)),
        (nested(1000, "components"), (None, "deep", False)),
    ],
)
def test_a_thought_is_read_cleaned(data: dict[str, Any], read: tuple[int | None, str, bool]) -> None:
    assert modals.read_thought(data) == read


@pytest.mark.parametrize(
    "sheep", ["6", "0", "-1", "１", "4 ", "4\n", "04", "+4", "4.0", "", "four", 4, 4.0, True, [], ["4"], {}, {"4": 4}]
)
def test_sheep_that_the_form_does_not_offer_are_refused(sheep: object) -> None:
    with pytest.raises(InputError, match="1 to 5 sheep"):
        modals.read_thought(sent(sheep))


@pytest.mark.parametrize(
    "body",
    ["", " \n\t\u3000", "\u200b\u202e\u2800\u3164", "\ufe0f\u0301", "\ud800\x00", None, 5, True, ["x"], {"x": "y"}],
)
def test_a_thought_with_nothing_to_read_is_refused(body: object) -> None:
    with pytest.raises(InputError, match="nothing to read"):
        modals.read_thought(sent(body=body))


@pytest.mark.parametrize(("length", "said"), [(1001, "1,001"), (4001, "4,001")])
def test_a_thought_that_is_too_long_is_refused_with_its_length(length: int, said: str) -> None:
    with pytest.raises(InputError, match=f"has {said} characters and 1,000 fit"):
        modals.read_thought(sent(body="🐑" * length))


@pytest.mark.parametrize(
    "components",
    [None, "body", 5, {}, [], [None], [[]], [{}], [{"component": 5}], [{"components": "x"}], [{"custom_id": 5}]],
)
def test_a_form_without_its_fields_is_refused(components: object) -> None:
    with pytest.raises(InputError, match="nothing to read"):
        modals.read_thought({"components": components})


@given(st.fixed_dictionaries({}, optional={"components": payloads}) | st.builds(sent, payloads, payloads, payloads))
def test_whatever_is_sent_gives_a_thought_or_one_clear_sentence(data: dict[str, Any]) -> None:
    try:
        sheep, body, spoiler = modals.read_thought(data)
    except InputError:
        return

    assert sheep in {None, 1, 2, 3, 4, 5}
    assert 1 <= len(body) <= modals.MAX_THOUGHT
    assert body == text.clean(body)
    assert isinstance(spoiler, bool)
