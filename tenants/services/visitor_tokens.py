"""Issues and checks the short-lived tokens of a site's visitors: for one bot, one origin and one conversation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from tenants.context import tenant_scope
from tenants.exceptions import OriginNotAllowedError, VisitorTokenError, VisitorTokenExpiredError
from tenants.models import Tenant
from tenants.types import Actor, Origin

BRAND = "cmsv_"
LIFETIME = timedelta(minutes=30)
RENEWABLE = timedelta(days=30)
MAX_LENGTH = 2000
_SALT = "chatcms.visitor"

IsShownOn = Callable[[uuid.UUID, Origin], bool | None]
"""Says whether pages of an origin may show a bot of the tenant in force; None when it may not be talked to."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a token says, all of it under its signature: who visits which bot, from where, in which conversation.

    `ref` is the tenant's own name for the visitor, when the tenant has vouched for it; else empty.
    """

    tenant_id: uuid.UUID
    bot_id: uuid.UUID
    origin: str
    visitor_id: uuid.UUID
    conversation_id: uuid.UUID
    ref: str = ""


_asked_where_shown: list[IsShownOn] = []


def ask_where_shown(is_shown_on: IsShownOn) -> None:
    """Make `is_shown_on` the one that is asked about the bot of every token; bots live in an app above this one."""
    _asked_where_shown[:] = [is_shown_on]


def issue(visit: Visit) -> str:
    """Return a token for the visit, good for `LIFETIME` from now."""
    names = (visit.tenant_id, visit.bot_id, visit.visitor_id, visit.conversation_id)
    return BRAND + signing.dumps([*(name.hex for name in names), visit.origin, visit.ref], salt=_SALT)


def read(token: str, *, max_age: timedelta = LIFETIME) -> Visit:
    """Return what a token of ours says that is not older than `max_age`; asks no database.

    Keys of `SECRET_KEY_FALLBACKS` are honoured. Raises `VisitorTokenError` and `VisitorTokenExpiredError`.
    """
    if not token.startswith(BRAND) or len(token) > MAX_LENGTH:
        raise VisitorTokenError
    try:
        *names, origin, ref = map(str, signing.loads(token.removeprefix(BRAND), salt=_SALT, max_age=max_age))
        tenant_id, bot_id, visitor_id, conversation_id = map(uuid.UUID, names)
    except signing.SignatureExpired:
        raise VisitorTokenExpiredError from None
    except (signing.BadSignature, ValueError, TypeError):
        raise VisitorTokenError from None
    return Visit(tenant_id, bot_id, origin, visitor_id, conversation_id, ref)


def authenticate(token: str, *, origin: Origin, max_age: timedelta = LIFETIME) -> tuple[Actor, Tenant]:
    """Return the visitor and tenant of a token that is sent by a page of `origin`, by two queries.

    What may have changed since the token was issued is asked anew each time: whether the tenant may be entered,
    whether the bot may be talked to, and whether pages of the origin may show it. Raises `VisitorTokenError`,
    `VisitorTokenExpiredError` and `OriginNotAllowedError`.
    """
    visit = read(token, max_age=max_age)
    if origin.name != visit.origin:
        raise OriginNotAllowedError
    tenant = Tenant.objects.enterable().filter(pk=visit.tenant_id).select_related("plan").first()
    if tenant is None:
        raise VisitorTokenError
    (is_shown_on,) = _asked_where_shown
    with tenant_scope(tenant):
        is_shown = is_shown_on(visit.bot_id, origin)
    if is_shown is None:
        raise VisitorTokenError
    if not is_shown:
        raise OriginNotAllowedError
    return actor_of(visit), tenant


def visitor_id_of(*, tenant_id: uuid.UUID, ref: str) -> uuid.UUID:
    """Return the id of the visitor whom the tenant calls `ref`: the same each time, and in each tenant another."""
    return uuid.uuid5(tenant_id, f"visitor:{ref}")


def actor_of(visit: Visit) -> Actor:
    """Return the visitor as services want it."""
    return Actor(
        type="visitor",
        id=visit.visitor_id,
        label=visit.ref,
        bot_ids=frozenset({visit.bot_id}),
        origin=visit.origin,
        conversation_id=visit.conversation_id,
        ref=visit.ref,
    )
