"""From a custom_id to its handler: one table, for messages and forms of any age."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from bot.errors import UnknownControlError
from bot.ui import ids
from bot.ui.pages import Interaction

if TYPE_CHECKING:
    from bot.ui.ids import Control

Kind = TypeVar("Kind", bound="Control")
Handler: TypeAlias = Callable[[Interaction, Kind], Awaitable[None]]


class Router:
    """Calls the handler that a topic has registered for a control."""

    def __init__(self) -> None:
        self._handlers: dict[type[Control], Handler[Any]] = {}

    def on(self, control: type[Kind], handler: Handler[Kind]) -> None:
        """Register the one handler of a control.

        Raises:
            ValueError: It has one already.
        """
        if control in self._handlers:
            raise ValueError(f"{control.__name__} has a handler already")
        self._handlers[control] = handler

    async def handle(self, interaction: Interaction) -> None:
        """Call the handler for a component or a modal submit.

        Raises:
            UnknownControlError: The custom_id is none that this version makes.
        """
        data: Any = interaction.data
        control = ids.parse(data.get("custom_id", ""))
        handler = self._handlers.get(type(control)) if control else None
        if control is None or handler is None:
            raise UnknownControlError
        await handler(interaction, control)
