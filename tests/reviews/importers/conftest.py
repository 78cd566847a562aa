"""The site that importers read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.fetching import Fetcher
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest.fixture
async def site() -> AsyncGenerator[Site]:
    """A site on loopback."""
    async with Site() as site:
        yield site


@pytest.fixture
async def fetcher(site: Site) -> AsyncGenerator[Fetcher]:
    """One that may fetch from there."""
    async with Fetcher(site.listed) as fetcher:
        yield fetcher
