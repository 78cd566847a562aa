"""Fetching what strangers name: public addresses only, so many seconds and bytes, and a clear sentence where it fails.

A name can be made to stand for any address, and for another one at each look. So
each request has a connection of its own, and it is asked of the very address that
is about to be connected to whether it may be (:mod:`bot.addresses`). aiohttp does
so for names and literal addresses alike, through its ``socket_factory``.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp.resolver import DefaultResolver
from multidict import CIMultiDict
from yarl import URL

from bot import __version__
from bot.addresses import may_connect
from bot.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aiohttp.abc import AbstractResolver

    from bot.addresses import Listed

SECONDS = 15.0
"""From the first look-up to the last byte, redirects included."""
MAX_BYTES = 5 * 1024 * 1024
"""Of a body, once it is decompressed."""
MAX_HOPS = 5
CHUNK = 64 * 1024
REDIRECTS = frozenset((301, 302, 303, 307, 308))
NOT_MODIFIED = 304
FROM_GZIP = 16 + zlib.MAX_WBITS
AGENT = f"Sheepbot/{__version__}"
REFUSED = "is not a public address"


class _RefusedError(OSError):
    """An address that must not be connected to; all say the same, as only then aiohttp passes one on as it is."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered.

    Attributes:
        url: Where the answer came from, after redirects.
        headers: Their names in any case; what was sent of one name several times stands between commas.
        charset: As the header says; None where it does not.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    content_type: str
    charset: str | None

    @property
    def etag(self) -> str | None:
        """The version of what was sent, to be asked with the next time."""
        return self.headers.get("ETag")

    @property
    def last_modified(self) -> str | None:
        """When it was modified, likewise."""
        return self.headers.get("Last-Modified")

    @property
    def not_modified(self) -> bool:
        """Whether it is what the former answer was, and has no body now."""
        return self.status == NOT_MODIFIED


class Fetcher:
    """Fetches over http and https; keeps neither cookies nor connections, and heeds no proxy of the environment."""

    def __init__(
        self,
        listed: Iterable[Listed] | None = None,
        *,
        seconds: float = SECONDS,
        max_bytes: int = MAX_BYTES,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._listed = tuple(listed or ())
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._given = resolver

    async def __aenter__(self) -> Self:
        self._resolver = self._given or DefaultResolver()
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._given:
            await self._resolver.close()

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Fetch an address, following up to :data:`MAX_HOPS` redirects.

        Args:
            etag: The ``ETag`` of a former answer; with it or ``modified``, its ``Last-Modified``, the answer can be
                that nothing was modified.
            headers: Others to send.

        Raises:
            FetchError: There is no answer, it must not be asked for, or its status is one of an error (400 and above).
        """
        asked = {"User-Agent": AGENT, "Accept-Encoding": "gzip", **(headers or {})}
        if etag:
            asked["If-None-Match"] = etag
        if modified:
            asked["If-Modified-Since"] = modified
        here = _checked(url)
        try:
            async with asyncio.timeout(self._seconds):
                for _ in range(MAX_HOPS + 1):
                    answer = await self._ask(here, asked)
                    if isinstance(answer, Fetched):
                        return answer
                    here = answer
        except TimeoutError:
            raise FetchError(f"{_named(here)} did not answer within {self._seconds:g} seconds.") from None
        raise FetchError(f"{_named(_checked(url))} redirects more than {MAX_HOPS} times.")

    async def _ask(self, url: URL, headers: Mapping[str, str]) -> Fetched | URL:
        """One request; a URL is where it redirects to."""

        def connecting(to: Any) -> socket.socket:
            family, kind, protocol, _, there = to
            if not may_connect(url.raw_host or "", there[0], there[1], self._listed):
                raise _RefusedError(REFUSED)
            return socket.socket(family, kind, protocol)

        connector = aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, socket_factory=connecting)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector,
                    timeout=aiohttp.ClientTimeout(),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                    trust_env=False,
                ) as session,
                session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                if response.status in REDIRECTS and "Location" in response.headers:
                    return redirected(url, response.headers["Location"])
                sent = response.headers
                if response.status >= 400:
                    raise FetchError(f"{_named(url)} answers with status {response.status}.", response.status)
                return Fetched(
                    status=response.status,
                    url=str(url),
                    headers=CIMultiDict({name: ", ".join(sent.getall(name)) for name in sent}),
                    body=await self._body(url, response),
                    content_type=response.content_type,
                    charset=response.charset,
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise FetchError(f"{_named(url)} {_why(error)}.") from error

    async def _body(self, url: URL, response: aiohttp.ClientResponse) -> bytes:
        """The body, never more of it in memory than is allowed: what compresses well is inflated piece by piece."""
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip", "x-gzip", ""}:
            raise FetchError(f"{_named(url)} is compressed in a way that was not asked for.")
        inflater = zlib.decompressobj(FROM_GZIP) if encoding.endswith("gzip") else None
        body = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            try:
                body += inflater.decompress(chunk, self._max_bytes + 1 - len(body)) if inflater else chunk
            except zlib.error:
                raise FetchError(f"{_named(url)} sends what cannot be decompressed.") from None
            if inflater and inflater.unused_data:  # it would be kept, however much follows
                raise FetchError(f"{_named(url)} sends something behind what it compressed.")
            if len(body) > self._max_bytes:
                raise FetchError(f"{_named(url)} is larger than {self._max_bytes / 1024**2:g} MB.")
        if inflater and body and not inflater.eof:
            raise FetchError(f"{_named(url)} breaks off.")
        return bytes(body)


def _checked(text: str) -> URL:
    """A web address that may be asked for, as far as its text tells.

    Raises:
        FetchError: It may not.
    """
    try:
        url = URL(text.strip()).with_fragment(None)
        port = url.port
    except ValueError:
        url, port = URL(), None
    if url.scheme not in {"http", "https"} or not url.raw_host or not port:
        said = "".join(char for char in text if char.isprintable())
        raise FetchError(f"{said[:100] or 'That'} is no web address with http:// or https://.")
    if url.raw_user is not None or url.raw_password is not None:
        raise FetchError(f"{_named(url)} has a user's name or password in it, which is not taken.")
    return url


def redirected(url: URL, location: str) -> URL:
    """Where a ``Location`` leads to.

    Raises:
        FetchError: It is one that is not followed.
    """
    try:
        target = _checked(str(url.join(URL(location))))
    except ValueError:
        raise FetchError(f"{_named(url)} redirects to what is no web address.") from None
    if url.scheme == "https" and target.scheme == "http":
        raise FetchError(f"{_named(url)} redirects from https to http, where anyone could change what it sends.")
    return target


def _named(url: URL) -> str:
    """An address as it is told of: without what it asks for, at a length that can be read."""
    said = str(url.with_query(None).with_user(None))
    return said if len(said) <= 200 else f"{said[:199]}…"


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error)
    if isinstance(error, aiohttp.InvalidURL):
        return "is no web address"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError | OSError):
        return "breaks off"
    return "does not answer as a web server does"


def _unconnected(error: aiohttp.ClientConnectorError) -> str:
    if isinstance(error.os_error, _RefusedError):
        return "leads to an address that is not public, or to a port that is not of the web"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "cannot be found: there is no such host"
    if isinstance(error, aiohttp.ClientSSLError):
        return "cannot be trusted: something is wrong with its certificate"
    return f"cannot be reached: {error.os_error.strerror or 'there is no connection'}"
