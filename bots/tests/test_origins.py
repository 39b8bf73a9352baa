"""Tests of which pages may show a bot."""

from __future__ import annotations

import pytest

from bots.origins import allows, normalized


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://shop.example", "https://shop.example"),
        ("  https://Shop.EXAMPLE/ ", "https://shop.example"),
        ("HTTPS://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://shop.example:080", "https://shop.example:80"),
        ("https://*.shop.example", "https://*.shop.example"),
        ("https://*.Shop.example:8443", "https://*.shop.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://*.Bücher.example", "https://*.xn--bcher-kva.example"),
        ("https://пример.example", "https://xn--e1afmkfd.example"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("https://[2001:DB8:0::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://acme.localhost:8000", "http://acme.localhost:8000"),
        ("http://*.localhost", "http://*.localhost"),
        ("http://127.0.0.1:5500", "http://127.0.0.1:5500"),
        ("http://[::1]:5500", "http://[::1]:5500"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(sent: str, kept: str) -> None:
    assert normalized(sent) == kept
    assert normalized(kept) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "null",
        "*",
        "https://*",
        "https://*.com",
        "https://*.*.shop.example",
        "https://shop.*.example",
        "https://*shop.example",
        "https://*.192.0.2.7",
        "shop.example",
        "//shop.example",
        "ftp://shop.example",
        "javascript://shop.example",
        "https:shop.example",
        "https://",
        "https://.example",
        "https://shop..example",
        "https://shop.example.",
        "https://-shop.example",
        "https://shop_.example",
        "https://shop.example/path",
        "https://shop.example//",
        "https://shop.example?x",
        "https://shop.example#x",
        "https://shop.example:0",
        "https://shop.example:65536",
        "https://shop.example:https",
        "https://shop.example:٨",
        "https://user@shop.example",
        "https://shop.example:pw@evil.example",
        "https://shop.example\\@evil.example",
        "https://shop%2eexample",
        "https://shop.example https://evil.example",
        "https://shop.example\nhttps://evil.example",
        "https://strasse-straße.example",
        "https://\u2100.example",
        "https://0x7f.1",
        "https://1.2.3",
        "https://010.0.0.1",
        "https://[::ffff:127.0.0.1]",
        "https://[fe80::1%25eth0]",
        "http://shop.example",
        "http://localhost.example",
        "http://192.168.0.1",
        f"https://{'a' * 64}.example",
        "https://" + "a." * 200 + "example",
    ],
)
def test_what_is_no_origin_is_refused(sent: str) -> None:
    assert normalized(sent) is None


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "*",
        "https://*.example.com",
        "https://example.com",
        "https://evil-example.com",
        "https://evilexample.com",
        "https://example.com.evil.com",
        "https://a.example.com.evil.com",
        "https://evil.com/.example.com",
        "https://evil.com#.example.com",
        "https://evil.com?.example.com",
        "https://user@a.example.com",
        "https://evil.com\\.example.com",
        "https://evil.com:443.example.com",
        "https://a.example.com:8443",
        "https://a.example.com.",
        "https://.example.com",
        "https://a..example.com",
        "http://a.example.com",
        "HTTPS://a.example.com",
        "https://A.example.com",
        "https://a.EXAMPLE.com",
        "https://ä.example.com",
        "https://a.example.com/",
        " https://a.example.com",
        "https://a.example.com\n",
        "https://a.example.comx",
        "https://shop.example:8443",
        "https://shop.example/",
        "https://www.shop.example",
        "http://shop.example",
    ],
)
def test_a_page_that_only_looks_alike_may_not_show_the_bot(origin: str) -> None:
    assert not allows(["https://*.example.com", "https://shop.example"], origin)


def test_pages_of_the_allowed_origins_may_show_the_bot() -> None:
    allowed = ["https://*.example.com", "https://shop.example", "http://*.localhost:3000"]
    for origin in (
        "https://a.example.com",
        "https://a.b.example.com",
        "https://xn--4ca.example.com",
        "https://shop.example",
        "http://acme.localhost:3000",
    ):
        assert allows(allowed, origin)
    assert not allows([], "https://shop.example")
