"""Answers health checks, and everything else while the database is away, in front of all other code.

Health checks get their answer at any host, over plain HTTP, without a thread, a session or a query. While PostgreSQL is
known to be away every other request gets its 503 at once, and none waits in line for a connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.utils import translation

from chatcms.core.api.problems import CONTENT_TYPE, problem
from chatcms.core.api.routes import API_PREFIX
from chatcms.core.db.outages import DatabaseAwayError, passing_error
from chatcms.core.db.tenantdb import watch
from chatcms.core.http import requestid
from chatcms.core.pages.errors import fault
from chatcms.core.pages.language import ENGLISH_ONLY
from chatcms.health import vitals

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]

LIVE, READY, HEALTH = "/livez", "/readyz", "/v1/health"
FIRST_LOOK_SECONDS = 0.8
_METHODS = {"GET", "HEAD"}
# A browser tells a page of another origin nothing of an answer without this, not even to try again.
_CORS = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"Retry-After, X-Request-ID"))
_POLICY = b"default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'"


def with_health(application: ASGIApp) -> ASGIApp:
    """Return an application that answers `/livez`, `/readyz` and `/v1/health` itself."""

    async def answer(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            vitals.monitor()
            await application(scope, receive, send)
        elif scope["path"] not in {LIVE, READY, HEALTH}:
            await application(scope, receive, send)
        elif scope["method"] not in _METHODS:
            refused = problem(status=405, code="method_not_allowed", detail="Ask with GET or HEAD.")
            await _send_json(send, 405, refused, ((b"allow", b"GET, HEAD"),), content_type=CONTENT_TYPE)
        elif scope["path"] == LIVE:
            await _send_json(send, 200, {"status": "alive"})
        else:
            report = await _report()
            shown = report.as_json() if scope["path"] == HEALTH else {"status": report.status}
            await _send_json(send, 503 if report.status == vitals.BROKEN else 200, shown)

    return answer


def with_faults(application: ASGIApp) -> ASGIApp:
    """Return an application that answers 503 or 507, and never 500, to what fails for a reason that passes."""

    async def answer(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or _needs_nothing(scope):
            await application(scope, receive, send)
            return
        vitals.monitor()
        if watch.is_away():
            await _send_fault(scope, send, DatabaseAwayError())
            return
        begun = _Begun(send)
        try:
            await application(scope, receive, begun)
        except Exception as error:  # edge: what does not pass by itself is raised again
            passing = passing_error(error)
            if passing is None or begun.has_begun:
                raise
            await _send_fault(scope, send, passing)

    return answer


class _Begun:
    """Passes an answer on, and knows whether it has begun."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: dict[str, Any]) -> None:
        self.has_begun = True
        await self._send(message)


def _needs_nothing(scope: Scope) -> bool:
    """Whether the request is for a static file, or asks what another origin may send."""
    return bool(scope["path"].startswith(settings.STATIC_URL)) or scope["method"] == "OPTIONS"


async def _report() -> vitals.Report:
    """Return the monitor's report; just after the start, wait a moment for its first look."""
    monitor = vitals.monitor()
    limit = time.monotonic() + FIRST_LOOK_SECONDS
    while monitor.report().checks.get("database") is None or not monitor.has_looked.is_set():
        if time.monotonic() > limit:
            break
        await asyncio.sleep(0.02)
    return monitor.report()


async def _send_json(
    send: Any,
    status: int,
    shown: dict[str, Any],
    more: tuple[tuple[bytes, bytes], ...] = (),
    *,
    content_type: str = "application/json",
) -> None:
    response = HttpResponse(orjson.dumps(shown), status=status, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    await _send(send, response, more)


async def _send_fault(scope: Scope, send: Any, error: Any) -> None:
    headers = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in scope["headers"]}
    requestid.begin(headers.get("X-Request-Id"))
    with translation.override(_language(scope["path"], headers)):
        response = fault(scope["path"], headers, error)
    response.headers[requestid.HEADER] = requestid.current_request_id()
    more = _CORS if scope["path"].startswith(API_PREFIX) else ((b"content-security-policy", _POLICY),)
    await _send(send, response, more)


def _language(path: str, headers: dict[str, str]) -> str:
    if path.startswith(ENGLISH_ONLY):
        return settings.LANGUAGE_CODE
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get("Accept-Language", "")
    request.COOKIES = parse_cookie(headers.get("Cookie", ""))
    return translation.get_language_from_request(request)


async def _send(send: Any, response: HttpResponse, more: tuple[tuple[bytes, bytes], ...]) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    headers += [
        (b"content-length", str(len(response.content)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    await send({"type": "http.response.start", "status": response.status_code, "headers": [*headers, *more]})
    await send({"type": "http.response.body", "body": response.content})
