"""Reading what the bot shows: a message's words, its controls, a form's presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simcord import InteractionResult, ResponseMessage

BUTTON, MENU = 2, 3
PRIMARY, SECONDARY, SUCCESS, DANGER, LINK = range(1, 6)


def answered(result: InteractionResult) -> ResponseMessage:
    """The message with which an interaction was answered."""
    assert result.acknowledged, "no answer"
    assert result.response is not None, "no message in the answer"
    return result.response


def told(result: InteractionResult) -> str:
    """The one private sentence, without a control, with which an interaction was answered."""
    message = answered(result)
    assert message.ephemeral
    assert not message.embeds
    assert not message.components
    assert message.content
    assert "Traceback" not in message.content
    return message.content


def said(message: ResponseMessage) -> str:
    """Everything that a message says: content, embeds, labels."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", embed.footer.text or ""]
        parts += [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join([*parts, *labels(message)])


def labels(message: ResponseMessage) -> list[str]:
    """The labels of a message's buttons and menu options."""
    return [
        label
        for component in components(message)
        for label in [component.get("label"), *(option["label"] for option in component.get("options", ()))]
        if label
    ]


def components(message: ResponseMessage) -> list[dict[str, Any]]:
    """A message's buttons and menus."""
    return [component for row in message.components for component in row["components"]]


def buttons(message: ResponseMessage) -> list[list[str]]:
    """The labels of a message's buttons, row by row."""
    return [
        [component["label"] for component in row["components"] if component["type"] == BUTTON]
        for row in message.components
    ]


def sheep(message: ResponseMessage, count: int) -> str:
    """The custom_id of a message's button for so many sheep."""
    return next(
        component["custom_id"]
        for component in components(message)
        if component.get("emoji") and component["label"] == str(count)
    )


def labelled(message: ResponseMessage, part: str) -> dict[str, Any]:
    """A message's one button that has this in its label."""
    found = [component for component in components(message) if part in component.get("label", "")]
    assert len(found) == 1, f"{len(found)} buttons have {part!r} in their label: {labels(message)}"
    return found[0]


def offers(message: ResponseMessage, part: str) -> bool:
    """Whether a message has a button with this in its label."""
    return any(part in component.get("label", "") for component in components(message))


def options(message: ResponseMessage) -> dict[str, str]:
    """The values that a message's menu offers, by their labels."""
    (menu,) = (component for component in components(message) if component["type"] == MENU)
    return {option["label"]: option["value"] for option in menu["options"]}


def fields(message: ResponseMessage) -> dict[str, str]:
    """The fields of a message's one embed."""
    (embed,) = message.embeds
    return {str(field.name): str(field.value) for field in embed.fields}


def form(result: InteractionResult) -> dict[str, Any]:
    """What a form is filled with when it opens, by field; None where nothing is."""
    assert result.modal is not None, "no form"
    presets: dict[str, Any] = {}
    for label in result.modal["components"]:
        field = label["component"]
        chosen = [option["value"] for option in field.get("options", ()) if option.get("default")]
        presets[field["custom_id"]] = chosen[0] if chosen else field.get("value") or field.get("default")
    return presets
