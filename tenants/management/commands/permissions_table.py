"""Writes docs/permissions.md: who may do what, from the table that every request is checked against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatcms.config.environment import BASE_DIR
from chatcms.core.api.routes import Route, api_routes
from tenants.enums import Role, Scope
from tenants.permissions import LIMITABLE, ROLES, SCOPES, STAFF, VISITORS, Capability

PLACE = BASE_DIR / "docs" / "permissions.md"

_HEAD = """\
# Who may do what

Written by `python manage.py permissions_table` from `tenants/permissions.py` and the routes; a test says when it is
out of date, and another asks every route as every kind of caller whether it keeps to it.

A member has one role, an API key one or more scopes; a visitor of a tenant's site may talk to one bot, and the
platform's staff look after tenants without seeing what is in them. What is another tenant's is unknown (404) to
everybody, whatever the role. A key that is limited to certain bots or datasets knows no others, and has only the
capabilities marked *limited key*, of which its scopes are needed too: the rest is about the whole tenant.
"""
_OPEN = "public"
_ANY = "any caller"


class Command(BaseCommand):
    """`manage.py permissions_table [--check]`."""

    help = "Writes docs/permissions.md from the table of capabilities and the routes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--check`."""
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when the file is out of date.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, or compare it."""
        fresh = document()
        if not options["check"]:
            PLACE.write_text(fresh, encoding="utf-8")
        elif not PLACE.exists() or PLACE.read_text(encoding="utf-8") != fresh:
            self.stderr.write("docs/permissions.md is out of date. Run: python manage.py permissions_table")
            raise SystemExit(1)


def document() -> str:
    """Return the whole text."""
    parts = [_HEAD, "## Capabilities\n", *_table(_capabilities()), "", "## Routes\n", *_table(_routes())]
    return "\n".join(parts) + "\n"


def needed(route: Route, method: str) -> str:
    """Return what a method of a route needs, as the table says it."""
    if route.is_open:
        return _OPEN
    return str(route.capability(method) or _ANY)


def _capabilities() -> Iterator[list[str]]:
    roles, scopes = list(Role), list(Scope)
    yield ["Capability", *roles, *(f"key: {scope}" for scope in scopes), "limited key", "visitor", "staff"]
    for capability in Capability:
        yield [
            f"`{capability}`",
            *(_mark(role in ROLES[capability]) for role in roles),
            *(_mark(scope in SCOPES[capability]) for scope in scopes),
            _mark(capability in LIMITABLE),
            _mark(capability in VISITORS),
            _mark(capability in STAFF),
        ]


def _routes() -> Iterator[list[str]]:
    yield ["Route", "Method", "Needs"]
    for route in sorted(api_routes(), key=lambda route: route.path):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
        for method in route.methods or ["get"]:
            need = needed(route, method)
            yield [f"`/{path}`", method.upper(), need if need in {_OPEN, _ANY} else f"`{need}`"]


def _mark(given: bool) -> str:
    return "yes" if given else ""


def _table(rows: Iterator[list[str]]) -> Iterator[str]:
    head = next(rows)
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
