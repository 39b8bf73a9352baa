"""The door for tenants' own domains: proves that a domain leads here, and shows there the one tenant and nothing else.

Which tenant that is goes with the request as a context variable (`tenants.context.show_only`): whatever enters another
tenant, or is asked for with another tenant's credential, is refused there, on every route.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from html import escape
from typing import Any

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError
from django.http.request import split_domain_port

from chatcms.core.api.problems import problem_of
from chatcms.core.api.routes import API_PREFIX
from chatcms.core.api.shapes import written
from chatcms.core.exceptions import AppError, UnavailableError
from chatcms.core.http import hosts, requestid
from chatcms.core.http.hosts import DomainOwner
from tenants import context, selectors
from tenants.services import own_domains

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]

# What is the platform's is not to be found on a tenant's domain.
_PLATFORMS = ("/admin/", "/v1/admin/", "/styles/")
OWN_TENANT = "own_tenant"
CLOSED_SECONDS = 300
_TEXT = "text/plain; charset=utf-8"
_PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><p>{detail}</p></html>'
# Balancers ask these by address, whatever the host is called.
_HEALTH = frozenset({"/livez", "/readyz", "/v1/health"})


class UnknownHostError(AppError):
    """No host of ours, and no verified domain of a tenant."""

    code = "unknown_host"
    default_detail = "This server does not know the host that was asked for."


class DomainClosedError(UnavailableError):
    """The tenant whose domain it is cannot be entered now."""

    code = "domain_closed"
    default_detail = "This address is closed at the moment. Try again later."

    def __init__(self) -> None:
        super().__init__(retry_after=CLOSED_SECONDS)


def with_own_domains(application: ASGIApp) -> ASGIApp:
    """Return an application that knows tenants' domains; `scope["own_tenant"]` is the slug of the one asked."""

    async def at_the_door(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] in _HEALTH or hosts.is_named(host := _host(scope)):
            await application(scope, receive, send)
            return
        owner = await hosts.owner_of(host, sync_to_async(_verified_domains))
        if scope["path"] == own_domains.WELL_KNOWN and not hosts.is_given(host):
            proof = await sync_to_async(own_domains.proof_for_host)(split_domain_port(host)[0])
            said = proof or "Nobody has named this domain here."
            await _answer(send, 200 if proof else 404, _TEXT, said.encode(), {})
        elif owner is not None:
            await _own(application, owner, scope, receive, send)
        elif hosts.is_given(host):
            await application(scope, receive, send)
        else:
            await _refuse(scope, send, UnknownHostError())

    return at_the_door


async def narrow(scope: Scope, own: Context) -> bool:
    """Show in the context `own` only what the request's host shows; False where the door will turn the request away."""
    if hosts.is_named(host := _host(scope)):
        return True
    owner = await hosts.owner_of(host, sync_to_async(_verified_domains))
    if owner is None:
        return hosts.is_given(host)
    own.run(context.show_only, owner.tenant_id)
    return owner.is_open and not _is_elsewhere(scope["path"], owner.slug)


def _verified_domains() -> Mapping[str, DomainOwner] | None:
    try:
        return selectors.verified_domains()
    except (OperationalError, InterfaceError):
        return None


async def _own(application: ASGIApp, owner: DomainOwner, scope: Scope, receive: Any, send: Any) -> None:
    if not owner.is_open:
        await _refuse(scope, send, DomainClosedError())
    elif _is_elsewhere(scope["path"], owner.slug):
        await _refuse(scope, send, context.NotOnThisDomainError())
    else:
        context.show_only(owner.tenant_id)
        await application({**scope, OWN_TENANT: owner.slug}, receive, send)


def _host(scope: Scope) -> str:
    """Return what the request says the host is; several headers are joined, and then no host at all."""
    return _joined(scope, b"host").lower()


def _joined(scope: Scope, wanted: bytes) -> str:
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)


def _is_elsewhere(path: str, slug: str) -> bool:
    path = f"{path}/"
    return (path.startswith("/t/") and not path.startswith(f"/t/{slug}/")) or path.startswith(_PLATFORMS)


async def _refuse(scope: Scope, send: Any, error: AppError) -> None:
    """Answer in the form that was asked for: an error of the API's shape for programs, a page for people."""
    requestid.begin(_joined(scope, requestid.HEADER.lower().encode()))
    it = written(scope["path"], problem_of(error))
    if scope["path"].startswith(API_PREFIX):
        # A browser tells a page of another origin nothing of an answer without this, not even to try again.
        await _answer(send, it.status, it.content_type, it.body, {**it.headers, "access-control-allow-origin": "*"})
    elif "text/html" in _joined(scope, b"accept"):
        page = _PAGE.format(title=it.status, detail=escape(error.detail)).encode()
        await _answer(send, it.status, "text/html; charset=utf-8", page, it.headers)
    else:
        await _answer(send, it.status, _TEXT, error.detail.encode(), it.headers)


async def _answer(send: Any, status: int, content_type: str, body: bytes, more: Mapping[str, str]) -> None:
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        requestid.HEADER.lower(): requestid.current_request_id(),
        **more,
    }
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
