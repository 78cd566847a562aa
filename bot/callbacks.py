"""Answers to interactions, sent without asking Discord to send them back.

discord.py asks for each answer again (``with_response``), parses it, and builds
the message that it has just sent: a fifth of the work of a click, for something
that nobody looks at unless the message is public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord.http import Route
from discord.utils import _to_json  # pyright: ignore[reportPrivateUsage] - takes orjson where it is installed
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

if TYPE_CHECKING:
    import aiohttp
    from discord.http import MultipartParameters

    from bot.metrics import Metrics

NEW_MESSAGE = discord.InteractionResponseType.channel_message.value
EPHEMERAL = discord.MessageFlags(ephemeral=True).value
JSON = {"Content-Type": "application/json"}


class CallbackAdapter(AsyncWebhookAdapter):
    """discord.py's adapter, but for the callbacks whose result nobody reads."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._metrics = metrics

    async def create_interaction_response(
        self,
        interaction_id: int,
        token: str,
        *,
        session: aiohttp.ClientSession,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        params: MultipartParameters,
    ) -> Any:
        """Send an answer; what is answered with an error goes discord.py's way, with its retries and errors."""
        answer = params.payload
        if answer and not params.files and not _is_public_message(answer):
            url = f"{Route.BASE}/interactions/{interaction_id}/{token}/callback"
            async with session.post(
                url, data=_to_json(answer), headers=JSON, proxy=proxy, proxy_auth=proxy_auth
            ) as response:
                if response.ok:
                    self._metrics.acknowledged()
                    return {"interaction": {"id": interaction_id}}
        taken = await super().create_interaction_response(
            interaction_id, token, session=session, proxy=proxy, proxy_auth=proxy_auth, params=params
        )
        self._metrics.acknowledged()
        return taken


def send_lean_callbacks(metrics: Metrics) -> None:
    """Have the tasks that are begun from here answer interactions this way."""
    async_context.set(CallbackAdapter(metrics))


def _is_public_message(answer: dict[str, Any]) -> bool:
    return answer["type"] == NEW_MESSAGE and not answer["data"].get("flags", 0) & EPHEMERAL
