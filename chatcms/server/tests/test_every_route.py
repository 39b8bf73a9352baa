"""Each route of the API keeps the door's promises: offenders of one rule are listed together."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import orjson
import pytest
from django import forms
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.parsers import MultiPartParser

from chatcms.core.api.routes import API_PREFIX
from chatcms.core.api.shapes import is_openais
from chatcms.server.sizes import FILE_ROUTES
from chatcms.server.tests.conftest import Server
from chatcms.server.tests.wire import MB, Answer, head, request, sent
from chatcms.tests.described import Operation, operations
from chatcms.tests.world import Headers, headers_of, platform_things, things_of
from tenants.models import Tenant

JSON = {"Content-Type": "application/json"}
# None of them is a body that a route accepts, so that the second request meets what the first one met.
BODIES = [b'{"nobody_knows_this": 1}', b'{"cut": ', b"[1]"]

Send = Callable[..., Answer]


def _mutating() -> list[Operation]:
    return [one for one in operations() if one.method != "get"]


@pytest.fixture
def send(transactional_db: None, acme: Tenant, server: Server) -> Send:
    """Send a request as somebody whom the route admits: with a body, or with a head that announces one."""
    things = {**things_of(acme), **platform_things(acme)}
    callers = {caller: headers_of(caller, acme, things) for caller in ("owner", "staff")}

    def answer(operation: Operation, extra: Headers, body: bytes | None = None, *, in_chunks: bool = False) -> Answer:
        caller = callers["staff" if "/admin/" in operation.path else "owner"]
        method, url, headers = operation.method.upper(), operation.url(things), {**caller, **extra}
        if body is None:
            return sent(server.address, head(method, url, headers))
        return request(server.address, method, url, body, headers, in_chunks=in_chunks)

    return answer


def _said(answer: Answer) -> tuple[int, Any]:
    body = answer.json if answer.body else {}
    return answer.status, body.get("code", body.get("error"))


def _is_refusal(operation: Operation, answer: Answer, status: int) -> bool:
    if answer.status != status:
        return False
    if is_openais(operation.path):
        return "content-type: application/json" in answer.head and bool(answer.json["error"]["message"])
    return "content-type: application/problem+json" in answer.head and answer.json["status"] == status


def test_a_body_in_chunks_is_answered_as_one_with_a_length(send: Send) -> None:
    offenders = []
    for operation in (one for one in _mutating() if one.body):
        for body in BODIES:
            whole, pieces = (_said(send(operation, JSON, body, in_chunks=in_chunks)) for in_chunks in (False, True))
            if whole != pieces:
                offenders.append((operation.label, body, whole, pieces))
    assert offenders == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json; charset=punycode"}, 415),
        ({**JSON, "Content-Encoding": "gzip"}, 415),
    ],
    ids=["charset", "coding"],
)
def test_a_body_that_would_be_decoded_is_refused(send: Send, headers: Headers, status: int) -> None:
    answers = [(operation, send(operation, headers, b"{}")) for operation in _mutating()]
    assert [(one.label, _said(it)) for one, it in answers if not _is_refusal(one, it, status)] == []


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=xyz"])
def test_a_body_larger_than_any_is_refused(send: Send, kind: str) -> None:
    headers = {"Content-Type": kind, "Content-Length": str(100 * MB)}
    answers = [(operation, send(operation, headers)) for operation in _mutating()]
    assert [(one.label, _said(it)) for one, it in answers if not _is_refusal(one, it, 413)] == []


def _patterns(entries: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in entries:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, route)
        else:
            yield route, entry


def _takes_a_file(view: Any) -> bool:
    """Whether a view of the API parses multipart, or a page's function reads `FILES` or has a form with a file."""
    if (cls := getattr(view, "cls", None)) is not None:
        return MultiPartParser in cls.parser_classes
    function = inspect.unwrap(view)
    return inspect.isfunction(function) and not function.__module__.startswith("django.") and _reads_a_file(function)


def _reads_a_file(function: FunctionType, *callers: FunctionType) -> bool:
    names = function.__code__.co_names
    used = [function.__globals__[name] for name in names if name in function.__globals__]
    helpers = [one for one in used if inspect.isfunction(one) and one.__module__ == function.__module__]
    helpers = [one for one in helpers if one not in {function, *callers}]
    return (
        "FILES" in names
        or any(map(_has_a_file, used))
        or any(_reads_a_file(one, function, *callers) for one in helpers)
    )


def _has_a_file(form: object) -> bool:
    return any(isinstance(field, forms.FileField) for field in getattr(form, "base_fields", {}).values())


def test_the_routes_that_take_files_are_those_with_a_size() -> None:
    routes = dict(_patterns(get_resolver().url_patterns))
    assert {route for route, one in routes.items() if _takes_a_file(one.callback)} == FILE_ROUTES.keys()
    assert any(route.startswith(API_PREFIX.lstrip("/")) for route in FILE_ROUTES)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_a_question_may_hold_pictures(send: Send, path: str) -> None:
    (operation,) = (one for one in _mutating() if one.path == path)
    body = orjson.dumps({"model": "nobody", "input": "data:image/png;base64," + "A" * (5 * MB // 2), "messages": []})

    answer = send(operation, JSON, body)

    assert answer.status in {400, 404}, answer.head
