"""Tests of finding out where a request comes from, whatever its headers say."""

from __future__ import annotations

import pytest
from django.test import override_settings

from chatcms.core.http.addresses import client_address, network_of

PEER = "127.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.1", PEER),
        (0, "", PEER),
        (-1, "203.0.113.1", PEER),
        (1, "", PEER),
        (1, " , ,", PEER),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        (1, "6.6.6.6,,203.0.113.1,", "203.0.113.1"),
        (2, "6.6.6.6, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        (2, "203.0.113.1", "203.0.113.1"),
        (1, "203.0.113.1:51234", "203.0.113.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "[2001:DB8:0:0::1]:443", "2001:db8::1"),
        (1, '"[2001:db8::1]:443"', "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.1", "203.0.113.1"),
        (1, "[::ffff:203.0.113.1]:80", "203.0.113.1"),
        (1, "203.0.113.1, unknown", PEER),
        (1, "203.0.113.1, _hidden", PEER),
        (1, "203.0.113.1, 203.0.113.300", PEER),
        (1, "203.0.113.1, 0x7f.1", PEER),
        (1, "203.0.113.1, [", PEER),
        (1, "203.0.113.1, \x00", PEER),
        (1, "x" * 100_000, PEER),
    ],
)
def test_the_address_is_the_entry_that_the_outermost_trusted_proxy_wrote(
    proxies: int, forwarded: str, address: str
) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address({"REMOTE_ADDR": PEER, "HTTP_X_FORWARDED_FOR": forwarded}) == address


@pytest.mark.parametrize("name", ["HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP"])
def test_no_other_header_is_read(name: str) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        assert client_address({"REMOTE_ADDR": PEER, name: "203.0.113.1"}) == PEER


@pytest.mark.parametrize(
    ("peer", "address"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"), ("", ""), ("a socket", "a socket")],
)
def test_the_peer_has_one_spelling_too(peer: str, address: str) -> None:
    assert client_address({"REMOTE_ADDR": peer}) == address


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "[::ffff:192.0.2.1]:443", True),
        ("192.0.2.1", "192.0.2.1:443", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_limits_count_all_spellings_of_one_customer_together(one: str, other: str, is_same: bool) -> None:
    assert (network_of(one) == network_of(other)) is is_same
