"""Discord's limits on what an application sends, held against the payload that goes out.

From its API reference: "Embed limits", "Component reference", "Create message" and "Modal".
Lengths are in code points, as the API counts them (discord/discord-api-docs#1315), and a
text of nothing but spaces counts as none, as Discord strips it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import discord

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT, ROLE_SELECT, CHANNEL_SELECT, LABEL, RADIO_GROUP = (
    1,
    2,
    3,
    4,
    6,
    8,
    18,
    21,
)
LINK = 5
MOST_OPTIONS = {STRING_SELECT: 25, RADIO_GROUP: 10}

CONTENT = 2000
EMBEDS = 10
EMBED_TOTAL = 6000
ROWS = 5
BUTTONS = 5
CUSTOM_ID = 100


def check_embed(embed: discord.Embed) -> None:
    """Fail where Discord would refuse this embed."""
    check_payload({"embeds": [embed.to_dict()]})


def check_view(view: discord.ui.View) -> None:
    """Fail where Discord would refuse these controls, or discord.py would keep them in memory."""
    assert view.is_finished(), "the view still listens"
    check_payload({"components": view.to_components()})


def check_modal(modal: discord.ui.Modal) -> None:
    """Fail where Discord would refuse this form, or discord.py would keep it in memory."""
    assert modal.is_finished(), "the form still listens"
    check_payload(modal.to_dict())


def check_payload(payload: dict[str, Any]) -> None:
    """Fail where Discord would refuse a message or a form, given as it goes out."""
    json.dumps(payload, ensure_ascii=False).encode()  # what cannot be encoded is refused as a whole
    if "custom_id" in payload:
        _check_form(payload)
    else:
        _check_message(payload)


def _check_message(message: dict[str, Any]) -> None:
    _fits("content", message.get("content"), CONTENT, least=0)
    embeds: list[dict[str, Any]] = message.get("embeds") or []
    assert len(embeds) <= EMBEDS
    files: list[dict[str, Any]] = message.get("attachments") or []
    for file in files:
        _fits("a file's description", file["description"], 1024)
    attached = {f"attachment://{file['filename']}" for file in files}
    total = sum(_embed_length(embed, attached) for embed in embeds)
    assert total <= EMBED_TOTAL, f"all embeds together: {total} > {EMBED_TOTAL}"
    rows: list[dict[str, Any]] = message.get("components") or []
    assert len(rows) <= ROWS, f"{len(rows)} rows"
    for row in rows:
        assert row["type"] == ACTION_ROW
        kinds = [component["type"] for component in row["components"]]
        assert kinds in ([STRING_SELECT], [ROLE_SELECT], [CHANNEL_SELECT]) or (
            1 <= len(kinds) <= BUTTONS and set(kinds) == {BUTTON}
        ), kinds
    _check_components(rows)


def _check_form(form: dict[str, Any]) -> None:
    _fits("form title", form["title"], 45)
    _fits("form custom_id", form["custom_id"], CUSTOM_ID)
    assert 1 <= len(form["components"]) <= 5
    for label in form["components"]:
        assert label["type"] == LABEL
        _fits("label", label["label"], 45)
        _fits("label description", label.get("description"), 100)
    _check_components(form["components"])


def _embed_length(embed: dict[str, Any], attached: Collection[str]) -> int:
    """What an embed counts towards the total, once each of its parts is known to fit.

    Args:
        attached: The addresses of the files that come with its message.
    """
    texts = [("title", embed.get("title"), 256, 0), ("description", embed.get("description"), 4096, 0)]
    texts += [(part, embed[part].get(key, ""), limit, 1) for part, key, limit in _PARTS if part in embed]
    fields: list[dict[str, Any]] = embed.get("fields") or []
    assert len(fields) <= 25, f"{len(fields)} fields"
    for field in fields:
        texts += [("field name", field["name"], 256, 1), ("field value", field["value"], 1024, 1)]
    for what, text, limit, least in texts:
        _fits(what, text, limit, least=least)
    for address in (embed.get("url"), *(embed[part].get("url") for part in ("image", "thumbnail") if part in embed)):
        if address not in attached:
            _is_address(address, 2048)
    length = sum(len(text or "") for _, text, _, _ in texts)
    assert length or "image" in embed, "an embed that shows nothing"
    return length


_PARTS = (("footer", "text", 2048), ("author", "name", 256))


def _check_components(nested: Iterable[dict[str, Any]]) -> None:
    found = list(_flat(nested))
    custom_ids = [component["custom_id"] for component in found if component.get("custom_id") is not None]
    assert len(set(custom_ids)) == len(custom_ids), f"a custom_id stands twice: {custom_ids}"
    for custom_id in custom_ids:
        _fits("custom_id", custom_id, CUSTOM_ID)
    for component in found:
        if component["type"] == BUTTON:
            assert component.get("label") or component.get("emoji"), "a button with nothing on it"
            _fits("button label", component.get("label"), 80)
            is_link = component["style"] == LINK
            assert (bool(component.get("url")), bool(component.get("custom_id"))) == (is_link, not is_link)
            _is_address(component.get("url"), 512)
        elif component["type"] in MOST_OPTIONS:
            _check_options(component)
        elif component["type"] == TEXT_INPUT:
            assert component.get("max_length", 4000) <= 4000
            _fits("text input", component.get("value"), component.get("max_length", 4000))
            _fits("text input placeholder", component.get("placeholder"), 100)


def _check_options(component: dict[str, Any]) -> None:
    options = component["options"]
    assert 1 <= len(options) <= MOST_OPTIONS[component["type"]], f"{len(options)} options"
    assert len({option["value"] for option in options}) == len(options), "an option's value stands twice"
    assert sum(bool(option.get("default")) for option in options) <= 1
    _fits("placeholder", component.get("placeholder"), 150)
    for option in options:
        _fits("option label", option["label"], 100)
        _fits("option value", option["value"], 100)
        _fits("option description", option.get("description"), 100)


def _flat(nested: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in nested:
        yield component
        yield from _flat(component.get("components", ()))
        if "component" in component:
            yield from _flat([component["component"]])


def _fits(what: str, text: str | None, limit: int, *, least: int = 1) -> None:
    if text is not None:
        assert len(text) <= limit, f"{what}: {len(text)} > {limit}: {text[:80]!r}"
        assert len(text.strip()) >= least, f"{what} is blank"


def _is_address(address: str | None, limit: int) -> None:
    if address is not None:
        assert len(address) <= limit, f"address: {len(address)} > {limit}"
        assert re.fullmatch(r"https?://\S+", address, re.IGNORECASE), f"not an address: {address!r}"
