"""Opens a tenant for a portal page: who is signed in, may they enter, and what may they do there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase

from chatcms.core.exceptions import AppError
from chatcms.core.pages.language import speak
from tenants import audit, context, downloads, standing
from tenants.exceptions import SignedOutError
from tenants.models import User
from tenants.pages import door
from tenants.pages.refusing import explain, send_to_sign_in
from tenants.pages.visit import Visit
from tenants.permissions import Capability
from tenants.services import portal_access
from tenants.types import Actor

P = ParamSpec("P")
PageView = Callable[Concatenate[Visit, P], HttpResponseBase]
DjangoView = Callable[..., HttpResponseBase]
# What a tenant has written itself: its members read that in their daily work, and leave no line.
KNOWLEDGE = frozenset(
    {Capability.BOTS_READ, Capability.BOTS_WRITE, Capability.DATASETS_READ, Capability.DATASETS_WRITE}
)


def tenant_page(capability: Capability) -> Callable[[PageView[P]], DjangoView]:
    """Make `view(visit, ...)` the page of tenant `slug`, for signed-in members who have `capability`.

    A stranger gets the same 404 as for a slug that nobody has. An `AppError` that the view lets through becomes a
    page in the frame that says what happened and what to do.
    """

    def decorate(view: PageView[P]) -> DjangoView:
        @wraps(view)
        def page(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return send_to_sign_in(request)
            visit = None
            try:
                visit = _open(request, request.user, slug)
                visit.need(capability)
                response = view(visit, *args, **kwargs)
            except AppError as error:
                return explain(request, error, visit)
            downloads.note(request, response, by=visit.actor)
            _note_reading(visit, capability, response)
            return response

        # For the door, which asks before it receives a large form.
        page.capability = capability  # type: ignore[attr-defined]  # on a plain function
        return page

    return decorate


def _note_reading(visit: Visit, capability: Capability, response: HttpResponseBase) -> None:
    """Note which page about the tenant's knowledge staff on a grant were shown; of a file there is a line already."""
    shown = response.status_code in {200, 422} and not downloads.is_file(response)
    if visit.actor.grant is not None and capability in KNOWLEDGE and shown:
        audit.record_reading("knowledge.read", by=visit.actor, label=visit.request.path)


def _look_again(session: SessionBase, slug: str) -> Actor:
    """Return who the browser's session stands for in the tenant now, as a new request would find."""
    probe = HttpRequest()
    probe.session = type(session)(session.session_key)
    user = auth.get_user(probe)
    if not isinstance(user, User):
        raise SignedOutError
    return portal_access.open_tenant(user=user, slug=slug)[0]


def _open(request: HttpRequest, user: User, slug: str) -> Visit:
    actor, tenant = portal_access.open_tenant(user=user, slug=slug)
    standing.note(request, actor, partial(_look_again, request.session, slug))
    context.enter(tenant)
    door.note_visit(request)
    visit = Visit(request, actor, tenant)
    if visit.settings is not None:
        speak(request, visit.settings.language)
    return visit
