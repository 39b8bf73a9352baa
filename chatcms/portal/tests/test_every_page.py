"""Each page of the portal is looked at by some test in a real browser; a new one must be, too.

A test that looks at one calls its picture after the page's address: `shortcomings(page, picture="bots:list none")`.
"""

from __future__ import annotations

import ast
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from chatcms.config.environment import BASE_DIR
from chatcms.portal import urls
from chatcms.tests.source import PACKAGES
from chatcms.tests.world import platform_things, things_of
from tenants.models import Membership, Tenant

# What answers with HTML and is no page of its own, and why; a page that nobody can look at would stand here too.
NO_PAGES = {
    "portal:under-way": "a part of the dashboard, asked for again and again",
    "bots:sightings": "a part of the page on embedding",
    "chat:handling": "a part of a conversation's page",
    "chat:answer": "a part of the playground",
    "chat:conversation-events": "a stream",
    "exports:download": "a file",
    "public:logo": "a picture",
    "account:prove-options": "JSON for a script",
    "account:factor-passkey-options": "JSON for a script",
}
_ELSE = {"slug": "acme", "number": "1", "file_format": "csv", "token": "x", "name": "button"}


def _named(patterns: Sequence[URLPattern | URLResolver], space: str = "") -> Iterator[tuple[str, list[str]]]:
    """The names of addresses with those of their parameters."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, pattern.namespace or space)
        elif pattern.name:
            yield f"{space}:{pattern.name}", list(pattern.pattern.converters)


def _address(name: str, parameters: list[str], values: dict[str, str]) -> str:
    wanted = {parameter: values.get(parameter, str(uuid.uuid4())) for parameter in parameters}
    try:
        return reverse(name, kwargs=wanted)
    except NoReverseMatch:
        return reverse(name, kwargs={**wanted, "slug": "acme"})


def _pictures() -> set[str]:
    """What stands in tests of pages as a picture's name: an address's name, with or without a word behind it."""
    found: set[str] = set()
    for package in PACKAGES:
        for path in (BASE_DIR / package).rglob("tests/**/test_*.py"):
            if "shortcomings(" in path.read_text(encoding="utf-8") and path != Path(__file__):
                found |= {text.partition(" ")[0] for text in _texts(path) if ":" in text}
    return found


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture
def pages(owner: Membership, acme: Tenant) -> set[str]:
    """The names of what answers the owner's GET with HTML."""
    values = {**things_of(acme), **platform_things(acme), **_ELSE}
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    found = set()
    for name, parameters in _named(urls.urlpatterns):
        address = _address(name, parameters, values)
        # People are led away from what only takes forms; programs are told.
        if client.get(address, headers={"Accept": "*/*"}).status_code == 405:
            continue
        if client.get(address).headers["Content-Type"].startswith("text/html"):
            found.add(name)
    return found


def test_every_page_is_looked_at_by_a_test_of_pages(pages: set[str]) -> None:
    assert len(pages) > 50
    assert sorted(pages - _pictures() - NO_PAGES.keys()) == []


def test_what_is_said_to_be_no_page_is_there(pages: set[str]) -> None:
    assert sorted(NO_PAGES.keys() - pages) == []
