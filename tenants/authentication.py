"""Finds out from a bearer credential who is calling and for which tenant, and enters that tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from chatcms.core.api.problems import CHALLENGE
from tenants import context, standing
from tenants.exceptions import CredentialError
from tenants.models import Tenant
from tenants.services import api_keys, tokens, visitor_tokens
from tenants.types import Actor, Origin


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of an API request: who, and in which tenant; the platform's staff are in none."""

    actor: Actor
    tenant: Tenant | None

    @property
    def is_authenticated(self) -> bool:
        """Always true: there is no anonymous principal."""
        return True

    @property
    def pk(self) -> str:
        """A stable name for throttles and logs."""
        return f"{self.actor.type}:{self.actor.id}"


def origin_of(request: Request) -> Origin:
    """Return the origin of the page that sends the request, with an empty name when none is known.

    Browsers name it on every request to another origin, and on all that change something; for the rest they say
    that the page is of this very origin. Whether it is our own, the host alone tells: behind a proxy that speaks TLS
    the scheme of the page is not always known here.
    """
    host = request.get_host()
    own = f"{request.scheme}://{host}"
    if "Origin" not in request.headers:
        return Origin(own, is_own=True) if request.headers.get("Sec-Fetch-Site") == "same-origin" else Origin("")
    name = str(request.headers["Origin"])
    return Origin(own, is_own=True) if name in {f"https://{host}", f"http://{host}"} else Origin(name)


Identify = Callable[[], tuple[Actor, Tenant | None]]


def _ways(request: Request, credential: str) -> tuple[Identify, Identify]:
    """Return how to find out who a credential stands for, and how to look again while a stream is open.

    A token that has run out since is still the one that the stream was opened with; a key ends when it ends.
    """
    if credential.startswith(visitor_tokens.BRAND):
        origin = origin_of(request)
        return (
            partial(visitor_tokens.authenticate, credential, origin=origin),
            partial(visitor_tokens.authenticate, credential, origin=origin, max_age=visitor_tokens.RENEWABLE),
        )
    if credential.startswith(api_keys.BRAND):
        return partial(api_keys.authenticate, credential), partial(api_keys.authenticate, credential)
    bearer = tokens.bearer(credential)
    return bearer, bearer


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <API key, access token or visitor token>`; the credential alone names the tenant."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        """Return the principal and the kind of credential, None without one.

        Raises `CredentialError`, and `NotOnThisDomainError` for a credential of another tenant than the domain's.
        """
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise CredentialError("Send the credential as `Authorization: Bearer <key or token>`.")
        identify, look = _ways(request, credential)
        actor, tenant = identify()
        context.check_shown(tenant.id if tenant else None)
        standing.note(request._request, actor, lambda: look()[0])
        if tenant is not None:
            context.enter(tenant)
        return Principal(actor, tenant), actor.type

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return CHALLENGE
