"""Which addresses on the network a stranger may send the bot to: the public ones, and what the operator lists."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Address: TypeAlias = "IPv4Address | IPv6Address"
Network: TypeAlias = "IPv4Network | IPv6Network"

PORTS = frozenset((80, 443))
"""Those of http and https; any other must be listed."""
PUBLIC_IPV6 = IPv6Network("2000::/3")
"""All that is given out as global unicast; mapped (::ffff:), NAT64 and local addresses lie outside of it."""
SPECIAL: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/3"),  # 224/4 is multicast, 240/4 reserved
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),  # the first has Teredo, the third is 6to4
        ),
    )
)
"""What is not public of IPv4 and of :data:`PUBLIC_IPV6`, by IANA's registries of special-purpose addresses."""
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


@dataclass(frozen=True, slots=True)
class Listed:
    """An exception that the operator makes.

    Attributes:
        where: A network, or the name of a host in lower case: whatever its address is.
        port: The one port there; None is 80 and 443.
    """

    where: Network | str
    port: int | None = None

    def covers(self, host: str, address: Address, port: int) -> bool:
        """Whether the exception is for this address, which ``host`` stands for."""
        if port not in ((self.port,) if self.port is not None else PORTS):
            return False
        return self.where == host.lower() if isinstance(self.where, str) else address in self.where


def read_listed(text: str) -> tuple[Listed, ...]:
    """Hosts, addresses and networks between commas, each with a port or without: ``blog.lan, 10.0.0.0/8, [::1]:8080``.

    Raises:
        ValueError: One of them is none of these.
    """
    return tuple(_read(part.strip().lower()) for part in text.split(","))


def _read(part: str) -> Listed:
    where, port = part, None
    if bracketed := re.fullmatch(r"\[([^\]]+)\](?::(\d{1,5}))?", part):
        where, port = bracketed.groups()
    elif named := re.fullmatch(r"([^:]+):(\d{1,5})", part):
        where, port = named.groups()
    number = int(port) if port else None
    with suppress(ValueError):
        return Listed(ip_network(where, strict=False), number)
    if not _HOST.fullmatch(where) or (number or 0) >= 1 << 16:
        raise ValueError(
            "must be hosts, addresses or networks between commas, each with a port or without, such as"
            " blog.lan, 10.0.0.0/8, [::1]:8080"
        )
    return Listed(where, number)


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the internet would reach the same host by."""
    if isinstance(address, IPv6Address) and address not in PUBLIC_IPV6:
        return False
    return not any(address in network for network in SPECIAL)


def may_connect(host: str, address: str, port: int, listed: Iterable[Listed]) -> bool:
    """Whether the bot may connect to an address and port, for a URL that names ``host``."""
    found = ip_address(address)
    if port in PORTS and is_public(found):
        return True
    return any(one.covers(host, found, port) for one in listed)
