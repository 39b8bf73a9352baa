"""Looks at the credential of a caller who wants to send a large body, before the body is received."""

from __future__ import annotations

from contextvars import copy_context
from importlib import import_module
from io import BytesIO
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import auth
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.urls import ResolverMatch
from rest_framework.request import Request

from chatcms.core.api.routes import API_PREFIX, is_open
from chatcms.core.exceptions import AppError
from chatcms.core.http.threads import SharedThreads
from chatcms.server.door import Admission, Admit, Scope
from tenants import context, owndomains
from tenants.authentication import BearerAuthentication
from tenants.models import User
from tenants.permissions import allows
from tenants.services import portal_access

_OPEN = Admission(is_open=True, is_given=False)
_REFUSED = Admission(is_open=False, is_given=False)


def admission_in(threads: SharedThreads) -> Admit:
    """Return a function that answers whether a request's caller may send a large body, by the shared threads."""

    async def admit(scope: Scope, match: ResolverMatch) -> Admission:
        threads.use_here()
        look = _at_the_api if scope["path"].startswith(API_PREFIX) else _at_a_page
        # In a context of its own: what the host and the credential put in force is not so afterwards.
        own = copy_context()
        is_shown = await owndomains.narrow(scope, own)
        return await sync_to_async(own.run)(look, scope, match) if is_shown else _REFUSED

    return admit


def _at_the_api(scope: Scope, match: ResolverMatch) -> Admission:
    view: Any = getattr(match.func, "cls", None)
    if is_open(view):
        return _OPEN
    try:
        found = BearerAuthentication().authenticate(Request(_request(scope)))
    except (AppError, DisallowedHost):
        found = None
    capability = getattr(view, "capabilities", {}).get(scope["method"])
    if found is None or capability is None or not allows(found[0].actor, capability):
        return _REFUSED
    principal, _ = found
    return Admission(is_open=False, is_given=True, owner=str(principal.tenant.pk) if principal.tenant else principal.pk)


def _at_a_page(scope: Scope, match: ResolverMatch) -> Admission:
    """A form's own token is in its body. Before that the session counts, which no other site's form comes with."""
    request: Any = _request(scope)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return _OPEN
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = auth.get_user(request)
    if not isinstance(user, User):
        return _OPEN
    capability = getattr(match.func, "capability", None)
    if capability is None:
        return Admission(is_open=False, is_given=True, owner=f"user:{user.pk}")
    try:
        actor, tenant = portal_access.open_tenant(user=user, slug=match.kwargs["slug"])
        context.check_shown(tenant.pk)
    except AppError:
        return _REFUSED
    return Admission(is_open=False, is_given=allows(actor, capability), owner=str(tenant.pk))


def _request(scope: Scope) -> ASGIRequest:
    return ASGIRequest(scope, BytesIO())
