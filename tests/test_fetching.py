"""Fetching from a site on loopback: what is refused, what ends, and what comes back."""

from __future__ import annotations

import asyncio
import gzip
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot import __version__
from bot.addresses import read_listed
from bot.errors import FetchError
from bot.fetching import Fetcher, redirected
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Names(AbstractResolver):
    """A DNS that a stranger runs: each look at a name gets the next of its answers."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = answers

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        address = self.answers[host.split(".", maxsplit=1)[0]].pop(0)
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
        ]

    async def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    async with Site() as site:
        yield site


async def refused(fetcher: Fetcher, url: str) -> str:
    """Why an address is not fetched."""
    async with fetcher:
        with pytest.raises(FetchError) as error:
            await fetcher.get(url)
    told = str(error.value)
    assert told.endswith(".")
    assert "\n" not in told
    return told


async def test_what_is_asked_for_comes_back_and_says_who_asks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    headers = {"Content-Type": "text/html; charset=latin-1", "ETag": '"baa"', "Set-Cookie": "a=b", "X-Total": "7"}
    site.answers["/feed"] = web.Response(body=b"caf\xe9", headers=headers)

    async with Fetcher(site.listed) as fetcher:
        await fetcher.get(f"{site.url}/feed")
        found = await fetcher.get(f" {site.url}/feed?x=1#top ", headers={"Accept": "text/html"})

    assert (found.status, found.body, found.content_type, found.charset) == (200, b"caf\xe9", "text/html", "latin-1")
    assert (found.etag, found.last_modified, found.headers["x-total"]) == ('"baa"', None, "7")
    assert found.url == f"{site.url}/feed?x=1"
    assert not found.not_modified
    asked = site.asked[-1].headers
    assert (asked["User-Agent"], asked["Accept"]) == (f"Sheepbot/{__version__}", "text/html")
    assert "Cookie" not in asked


async def test_what_was_not_modified_is_said_to_be_so(site: Site) -> None:
    async def answer(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"1"' and "If-Modified-Since" in request.headers
        return web.Response(status=304 if known else 200, headers={"ETag": '"1"'})

    site.answers["/feed"] = answer
    async with Fetcher(site.listed) as fetcher:
        first = await fetcher.get(f"{site.url}/feed")
        again = await fetcher.get(f"{site.url}/feed", etag=first.etag, modified="Sat, 31 Oct 2026 00:00:00 GMT")

    assert (first.not_modified, again.not_modified, again.body) == (False, True, b"")


async def test_an_error_of_the_server_is_one_here(site: Site) -> None:
    site.answers["/gone"] = web.Response(status=410, body=b"It was here.")

    async with Fetcher(site.listed) as fetcher:
        with pytest.raises(FetchError, match=r"/gone answers with status 410\.$") as error:
            await fetcher.get(f"{site.url}/gone?secret=1")

    assert error.value.status == 410
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        *("", "feed", "//blog.example", "ftp://blog.example/", "file:///etc/passwd", "javascript:1", "http://"),
        *("http:///feed", "http://[::1", "http://blog.example:99999/", "http://blog.example:0/", "\x00\x1b[31m"),
    ],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    told = await refused(Fetcher(), url)
    assert "is no web address" in told
    assert told.isprintable()


async def test_names_and_passwords_in_an_address_are_refused() -> None:
    assert "password" in await refused(Fetcher(), "http://ada:secret@blog.example/")
    assert "secret" not in await refused(Fetcher(), "http://ada:secret@blog.example/")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "[64:ff9b::7f00:1]"])
async def test_an_address_that_is_not_public_is_refused_whether_it_is_there_or_not(site: Site, host: str) -> None:
    assert "not public" in await refused(Fetcher(), f"http://{host}/")
    assert "not public" in await refused(Fetcher(read_listed("127.0.0.1")), f"http://{host}:{site.port}/")
    assert not site.asked


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost", "127。0。0。1"])
async def test_another_spelling_of_an_address_leads_nowhere_else(site: Site, host: str) -> None:
    site.answers["/"] = web.Response(body=b"private")
    await refused(Fetcher(read_listed("10.0.0.0/8")), f"http://{host}:{site.port}/")
    assert not site.asked


async def test_a_name_is_judged_by_the_address_that_is_connected_to(site: Site) -> None:
    site.answers["/"] = web.Response(body=b"private")
    url = f"http://blog.example:{site.port}/"

    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "2002:7f00:1::"):
        assert "not public" in await refused(Fetcher(resolver=Names(blog=[address])), url)
    assert not site.asked
    async with Fetcher(read_listed(f"blog.example:{site.port}"), resolver=Names(blog=["127.0.0.1"])) as fetcher:
        assert (await fetcher.get(url)).body == b"private"


async def test_a_name_that_changes_its_address_is_judged_anew_at_each_request(site: Site) -> None:
    site.answers["/"] = web.Response(body=b"open")
    names = Names(blog=["127.0.0.1", "127.0.0.2", "127.0.0.1"])
    async with Fetcher(read_listed(f"127.0.0.1:{site.port}"), resolver=names) as fetcher:
        url = f"http://blog.example:{site.port}/"
        assert (await fetcher.get(url)).body == b"open"
        with pytest.raises(FetchError, match="not public"):
            await fetcher.get(url)
        assert (await fetcher.get(url)).body == b"open"


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://127.0.0.2/", "not public"),
        ("http://evil.example/", "not public"),
        ("//[::1]/", "not public"),
        ("http://127.0.0.1:1/", "not public"),
        ("file:///etc/passwd", "no web address"),
        ("http://ada@127.0.0.1/", "password"),
        ("http://[", "no web address"),
        ("/round", "redirects more than 5 times"),
    ],
)
async def test_a_redirect_is_followed_only_where_one_may_go(site: Site, location: str, why: str) -> None:
    site.answers["/round"] = web.Response(status=302, headers={"Location": location})

    told = await refused(Fetcher(site.listed, resolver=Names(evil=["127.0.0.1"])), f"{site.url}/round")

    assert why in told
    assert len(site.asked) == (6 if location == "/round" else 1)


def test_no_redirect_leads_from_https_to_http() -> None:
    here = URL("https://blog.example/feed")
    assert redirected(here, "//other.example/feed") == URL("https://other.example/feed")
    with pytest.raises(FetchError, match="from https to http"):
        redirected(here, "http://blog.example/feed")


async def test_redirects_lead_to_where_the_answer_is_from(site: Site) -> None:
    site.answers["/old"] = web.Response(status=301, headers={"Location": "new?y=2#part"})
    site.answers["/new"] = web.Response(body=b"here")

    async with Fetcher(site.listed) as fetcher:
        found = await fetcher.get(f"{site.url}/old")

    assert (found.body, found.url) == (b"here", f"{site.url}/new?y=2")


async def test_what_is_compressed_is_inflated_and_no_further_than_is_allowed(site: Site) -> None:
    packed = {"Content-Encoding": "gzip"}
    site.answers["/fair"] = web.Response(body=gzip.compress(b"baa " * 1000), headers=packed)
    site.answers["/bomb"] = web.Response(body=gzip.compress(bytes(64 * 1024**2)), headers=packed)
    site.answers["/large"] = web.Response(body=bytes(1024**2 + 1))
    site.answers["/short"] = web.Response(body=gzip.compress(b"baa" * 1000)[:-9], headers=packed)
    site.answers["/false"] = web.Response(body=b"baa", headers=packed)
    site.answers["/tail"] = web.Response(body=gzip.compress(b"baa") + bytes(9), headers=packed)
    site.answers["/other"] = web.Response(body=b"baa", headers={"Content-Encoding": "br"})

    async with Fetcher(site.listed, max_bytes=1024**2) as fetcher:
        assert (await fetcher.get(f"{site.url}/fair")).body == b"baa " * 1000
        for path, why in (
            ("bomb", "is larger than 1 MB"),
            ("large", "is larger than 1 MB"),
            ("short", "breaks off"),
            ("false", "cannot be decompressed"),
            ("tail", "behind what it compressed"),
            ("other", "was not asked for"),
        ):
            with pytest.raises(FetchError, match=why):
                await fetcher.get(f"{site.url}/{path}")


async def test_what_drips_ends_and_so_does_what_is_silent(site: Site) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.01)

    async def silence(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    site.answers.update({"/drip": drip, "/silence": silence})
    for path in ("drip", "silence"):
        assert "did not answer within 0.1 seconds" in await refused(
            Fetcher(site.listed, seconds=0.1), f"{site.url}/{path}"
        )


async def test_what_is_no_server_of_the_web_is_told_of(site: Site) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"baa baa\r\n\r\n")
        writer.close()

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "9"})
        await response.prepare(request)
        await response.write(b".")
        assert request.transport
        request.transport.close()
        return response

    site.answers["/cut"] = cut
    assert "breaks off" in await refused(Fetcher(site.listed), f"{site.url}/cut")
    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        listed = read_listed(f"127.0.0.1:{port}")
        assert "does not answer as a web server" in await refused(Fetcher(listed), f"http://127.0.0.1:{port}/")
        assert "certificate" in await refused(Fetcher(listed), f"https://127.0.0.1:{port}/")
    assert "cannot be reached" in await refused(Fetcher(listed), f"http://127.0.0.1:{port}/")
