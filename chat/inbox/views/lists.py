"""The inbox: all conversations of the tenant, narrowed down by the address, and what readers think of answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from bots.selectors import names_of_bots
from chat.enums import Handling
from chat.inbox import selectors
from chat.inbox.files import exported_file
from chat.inbox.forms import ConversationFilters, FeedbackFilters
from chat.inbox.services.access_log import note_list
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"last": "last_message_at", "begun": "id"}
# What one looks for most, one click away: the words and the address.
_SHORTCUTS: tuple[tuple[str | Promise, dict[str, str]], ...] = (
    (_("All"), {}),
    (_("Waiting for a person"), {"handling": Handling.REQUESTED}),
    (_("With a person"), {"handling": Handling.PERSON}),
    (_("Unanswered"), {"unanswered": "on"}),
    (_("Rated bad"), {"rating": "down"}),
    (_("Failed"), {"failed": "on"}),
)
_LOOK_AGAIN_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A way of narrowing the inbox down that is one click away."""

    label: str | Promise
    url: str
    is_current: bool
    count: int = 0


@require_GET
@tenant_page(Capability.CONVERSATIONS_READ)
def conversations(visit: Visit) -> HttpResponse:
    """List conversations, the latest first; asked for by a script, only the list."""
    bots = names_of_bots(by=visit.actor)
    form = ConversationFilters(visit.request.GET or None, bots=bots)
    note_list("conversation", by=visit.actor)
    listing = visit.listing(
        selectors.conversations(by=visit.actor, where=form.where()), orders=_ORDERS, default="-last"
    )
    summaries = selectors.summaries_of([conversation.pk for conversation in listing])
    values = {
        "listing": listing,
        "rows": [(conversation, summaries.get(conversation.pk)) for conversation in listing],
        "is_narrowed": bool(form.chosen),
        "look_again": _LOOK_AGAIN_SECONDS,
    }
    if visit.is_htmx:
        return visit.render("portal/chat/_conversations.html", values)
    values |= {"form": form, "shortcuts": _shortcuts(visit), "has_bots": bool(bots)}
    return visit.render("portal/chat/conversation_list.html", values)


@require_GET
@tenant_page(Capability.CONVERSATIONS_READ)
def export(visit: Visit, file_format: str) -> HttpResponseBase:
    """Give the conversations that the address narrows down to, as a file."""
    form = ConversationFilters(visit.request.GET or None, bots=names_of_bots(by=visit.actor))
    return exported_file(by=visit.actor, tenant=visit.tenant, where=form.where(), file_format=file_format)


@require_GET
@tenant_page(Capability.CONVERSATIONS_READ)
def export_one(visit: Visit, conversation_id: uuid.UUID, file_format: str) -> HttpResponseBase:
    """Give one conversation as a file."""
    conversation = selectors.conversation(by=visit.actor, conversation_id=conversation_id)
    where = selectors.ConversationFilter(conversation_id=conversation.pk)
    name = f"conversation-{conversation.pk.hex[-6:]}"
    return exported_file(by=visit.actor, tenant=visit.tenant, where=where, file_format=file_format, name=name)


@require_GET
@tenant_page(Capability.CONVERSATIONS_READ)
def feedback(visit: Visit) -> HttpResponse:
    """List what readers think of answers, the latest first."""
    form = FeedbackFilters(visit.request.GET or None, bots=names_of_bots(by=visit.actor))
    note_list("feedback", by=visit.actor)
    listing = visit.listing(selectors.feedback(by=visit.actor, where=form.where()))
    values = {"form": form, "listing": listing, "is_narrowed": bool(form.chosen), "shortcuts": _shortcuts(visit)}
    return visit.render("portal/chat/feedback_list.html", values)


def _shortcuts(visit: Visit) -> list[Shortcut]:
    asked = {name: value for name, value in visit.request.GET.items() if value and name not in {"cursor", "sort"}}
    path = visit.url("chat:inbox")
    waiting = selectors.waiting_count(by=visit.actor)
    is_feedback = visit.request.path == visit.url("chat:feedback")
    found = [
        Shortcut(
            label,
            f"{path}?{urlencode(query)}" if query else path,
            is_current=asked == query and not is_feedback,
            count=waiting if query.get("handling") == Handling.REQUESTED else 0,
        )
        for label, query in _SHORTCUTS
    ]
    return [*found, Shortcut(_("Feedback"), visit.url("chat:feedback"), is_current=is_feedback)]
