"""The door for tenants' own domains: proves that a domain leads here, and shows there the one tenant's portal only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.http.request import split_domain_port

from chatcms.core import hosts
from tenants import selectors
from tenants.services import own_domains

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]

# What is the platform's is not to be found on a tenant's domain.
_PLATFORMS = ("/admin/", "/v1/admin/", "/styles/")
OWN_TENANT = "own_tenant"


def with_own_domains(application: ASGIApp) -> ASGIApp:
    """Return an application that knows tenants' domains; `scope["own_tenant"]` is the slug of the one asked."""

    async def at_the_door(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or hosts.is_given(host := _host(scope)):
            await application(scope, receive, send)
        elif scope["path"] == own_domains.WELL_KNOWN:
            proof = await sync_to_async(own_domains.proof_for_host)(split_domain_port(host)[0])
            await _answer(send, 200 if proof else 404, proof or "Nobody has named this domain here.")
        else:
            slug = await hosts.slug_of(host, sync_to_async(selectors.verified_domains))
            if slug and _is_elsewhere(scope["path"], slug):
                await _answer(send, 404, "There is no such page on this domain.")
            else:
                await application({**scope, OWN_TENANT: slug}, receive, send)

    return at_the_door


def _host(scope: Scope) -> str:
    names = [value for name, value in scope["headers"] if name == b"host"]
    return names[0].decode("latin-1").lower() if names else ""


def _is_elsewhere(path: str, slug: str) -> bool:
    anothers = path.startswith("/t/") and not path.startswith(f"/t/{slug}/")
    return anothers or f"{path}/".startswith(_PLATFORMS)


async def _answer(send: Any, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
