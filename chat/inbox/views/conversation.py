"""One conversation: its transcript beside what is known of it, live, and its end."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chat.conversations.services.lifecycle import delete_conversation
from chat.conversations.services.watch import Shown
from chat.conversations.serving import streamed
from chat.inbox import selectors
from chat.inbox.forms import ReplyForm
from chat.inbox.selectors import MessageFilter
from chat.inbox.services.access_log import open_conversation
from chat.inbox.views.transcript import Turn, turns_of
from chat.models import Conversation, Message
from chat.templatetags.conversations import short_id, who
from chat.turns.exceptions import InvalidPositionError
from chat.turns.services.handoff import REACHED
from chat.turns.serving.loop import started
from chatcms.core.forms import TypedNameForm
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_AT_ONCE = 100
_LONGEST_PLACE = 9


@require_GET
@tenant_page(Capability.CONVERSATIONS_READ)
def conversation(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Show a conversation: its last messages, or those before the place that the address names."""
    return shown(visit, found(visit, conversation_id), ReplyForm())


@require_GET
@tenant_page(Capability.CONVERSATIONS_READ)
def handling(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Show who answers, and what a member can do about it: the foot of the transcript."""
    row = found(visit, conversation_id)
    return visit.render("portal/chat/_handling.html", handling_values(visit, row, ReplyForm()))


@require_GET
async def events(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponseBase:
    """Send each message as HTML once it is whole, and word of who answers, as they come."""
    return await started(_events, request, slug, conversation_id)


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def delete(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Delete a conversation whose short name was typed."""
    row = found(visit, conversation_id)
    if not TypedNameForm(visit.request.POST, name=short_id(row)).is_valid():
        visit.failed(_("Nothing was deleted: what you typed is not %(name)s.") % {"name": short_id(row)})
        return visit.redirect("chat:conversation", row.pk)
    delete_conversation(by=visit.actor, conversation=row)
    visit.saved(_("The conversation is deleted."))
    return visit.redirect("chat:inbox")


def found(visit: Visit, conversation_id: uuid.UUID) -> Conversation:
    """Return the conversation with its bot, on record; raise `NoSuchConversationError`."""
    return open_conversation(by=visit.actor, conversation_id=conversation_id)


def shown(visit: Visit, row: Conversation, form: ReplyForm, *, status: int = 200) -> HttpResponse:
    """Render the page of a conversation."""
    messages, earlier = _page(visit, row)
    values = {
        "conversation": row,
        "turns": _turns(messages, row),
        "earlier": earlier,
        "last": messages[-1].seq if messages else row.message_count,
        "is_latest": not visit.request.GET.get("before"),
        "cost": selectors.cost_of(row),
        "losses": [_("%(n)s messages, with what readers thought of them") % {"n": row.message_count}],
        **handling_values(visit, row, form),
    }
    return visit.render("portal/chat/conversation_detail.html", values, status=status)


def handling_values(visit: Visit, row: Conversation, form: ReplyForm) -> dict[str, Any]:
    """What the foot of the transcript is drawn from."""
    is_mine = row.taken_by is not None and row.taken_by == visit.actor.id
    return {"conversation": row, "form": form, "is_reached": row.channel in REACHED, "is_mine": is_mine}


@tenant_page(Capability.CONVERSATIONS_READ)
def _events(visit: Visit, conversation_id: uuid.UUID) -> HttpResponseBase:
    row = found(visit, conversation_id)
    last = visit.request.headers.get("Last-Event-ID") or visit.request.GET.get("after", "")
    if not (last.isascii() and last.isdigit() and len(last) <= _LONGEST_PLACE):
        raise InvalidPositionError
    show = Shown(messages=partial(_as_html, visit, row), handling=_handling_state)
    return streamed(visit.tenant, row.pk, show, after=int(last))


def _as_html(visit: Visit, row: Conversation, messages: Sequence[Message]) -> Sequence[Any]:
    everywhere = {"visit": visit, "tenant": visit.tenant}
    return [
        {
            "id": str(turn.id),
            "html": render_to_string("portal/chat/_message.html", {**everywhere, "turn": turn}, visit.request),
        }
        for turn in _turns(messages, row)
    ]


def _handling_state(row: Conversation) -> Any:
    return {"handling": row.handling, "taken_by": row.taken_by, "ended": row.ended_at is not None}


def _turns(messages: Sequence[Message], row: Conversation) -> list[Turn]:
    return turns_of(messages, bot_name=row.bot.name, asker=who(row))


def _page(visit: Visit, row: Conversation) -> tuple[list[Message], int]:
    """Return the messages to show, and the place before which there are more, 0 when there are none."""
    rows = selectors.messages(by=visit.actor, where=MessageFilter(conversation_id=row.pk)).order_by("-seq")
    before = visit.request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) <= _LONGEST_PLACE:
        rows = rows.filter(seq__lt=int(before))
    page = list(rows[: _AT_ONCE + 1])
    messages = page[:_AT_ONCE][::-1]
    return messages, messages[0].seq if len(page) > _AT_ONCE else 0
