"""Which addresses are public, table by table, and what an operator can except."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import Listed, is_public, may_connect, read_listed


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254"),  # noqa: S104 - nothing is bound to it
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "100.127.255.255"),  # carriers' NAT
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8"),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1"),  # NAT64
        *("2002:7f00:1::", "2002:808:808::1", "2001:0:53aa:64c::1"),  # 6to4 and Teredo
        *("fe80::1", "fe80::1%2", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "ff0e::1"),
        *("2001:db8::1", "3fff::1", "100::1", "5f00::1", "2001:20::1"),
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not may_connect("blog.example", address, 443, ())


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "193.0.0.1", "2606:4700::1", "2a00:1450::1"]
)
def test_what_is_public_is_not(address: str) -> None:
    assert may_connect("blog.example", address, 443, ())
    assert may_connect("blog.example", address, 80, ())
    assert not may_connect("blog.example", address, 8080, ())
    assert not may_connect("blog.example", address, 22, ())


@given(st.ip_addresses())
def test_nothing_is_public_that_python_holds_for_private(address: object) -> None:
    found = ip_address(str(address))
    if found.is_private or found.is_multicast or found.is_reserved or found.is_link_local:
        assert not is_public(found)


@pytest.mark.parametrize(
    ("text", "host", "address", "port", "may"),
    [
        ("blog.lan", "blog.lan", "10.0.0.7", 80, True),
        ("Blog.LAN", "BLOG.lan", "10.0.0.7", 443, True),
        ("blog.lan", "blog.lan", "10.0.0.7", 8080, False),
        ("blog.lan:8080", "blog.lan", "10.0.0.7", 8080, True),
        ("blog.lan:8080", "blog.lan", "10.0.0.7", 80, False),
        ("blog.lan:8080", "blog.lan", "93.184.216.34", 8080, True),
        ("blog.lan", "evil.example", "10.0.0.7", 80, False),
        ("10.0.0.0/8", "evil.example", "10.0.0.7", 80, True),
        ("10.0.0.0/8", "evil.example", "11.0.0.7", 22, False),
        ("10.0.0.0/8", "evil.example", "::ffff:10.0.0.7", 80, False),
        ("127.0.0.1:3000", "127.0.0.1", "127.0.0.1", 3000, True),
        ("[::1]:8080", "::1", "::1", 8080, True),
        ("::1", "::1", "::1", 80, True),
        ("fd00::/8", "x", "fd00::2", 443, True),
        ("[fd00::/8]:81", "x", "fd00::2", 81, True),
        ("x.lan, 10.0.0.1 ,64:ff9b::/96", "x", "64:ff9b::808:808", 443, True),
    ],
)
def test_what_an_operator_lists_is_excepted(text: str, host: str, address: str, port: int, may: bool) -> None:  # noqa: FBT001 - a case
    assert may_connect(host, address, port, read_listed(text)) is may


def test_a_list_is_read_into_networks_and_hosts() -> None:
    assert read_listed("blog.lan:81") == (Listed("blog.lan", 81),)


@pytest.mark.parametrize(
    "text", [",", "a b", "http://blog.lan", "blog.lan:99999", "blog.lan:", "[::1", "::1]:80", "*.lan"]
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be hosts, addresses or networks"):
        read_listed(text)
