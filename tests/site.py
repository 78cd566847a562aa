"""A site on loopback, for whatever fetches from the web."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.addresses import read_listed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.addresses import Listed

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]] | web.Response


class Site:
    """Answers at each path what it was told to, 404 at all others, and remembers what it was asked.

    Attributes:
        answers: What each path answers: always the same response, or what a handler makes.
        asked: The requests so far.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[web.Request] = []

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            web.Application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        self._runner.app.router.add_get("/{path:.*}", self._answer)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def listed(self) -> tuple[Listed, ...]:
        """What lets a fetcher in."""
        return read_listed(f"127.0.0.1:{self.port}")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        found = self.answers.get(request.path)
        if isinstance(found, web.Response):
            return web.Response(status=found.status, body=found.body, headers=found.headers)
        return await found(request) if found else web.Response(status=404)
