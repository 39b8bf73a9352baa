"""One conversation: its transcript beside what is known of it, live, and its end."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chat.conversations.services.lifecycle import delete_conversation
from chat.conversations.serving import LONGEST_PLACE, WatchResponse, place_in
from chat.inbox import selectors
from chat.inbox.forms import ReplyForm
from chat.inbox.selectors import MessageFilter
from chat.inbox.services.access_log import open_conversation
from chat.inbox.views.transcript import ShownTurn, turns_of
from chat.models import Conversation, Message
from chat.templatetags.conversations import short_id, who
from chat.turns.exceptions import InvalidPositionError
from chat.turns.services.handoff import REACHED
from chat.turns.serving.loop import on_the_loop
from chatcms.core.pages.forms import TypedNameForm
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_AT_ONCE = 100


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
@on_the_loop
@tenant_page(Capability.CONVERSATIONS_READ)
def events(visit: Visit, conversation_id: uuid.UUID) -> HttpResponseBase:
    """Send each message as HTML once it is whole, and word of who answers, as they come."""
    row = found(visit, conversation_id)
    after = place_in(visit.request.headers.get("Last-Event-ID") or visit.request.GET.get("after", ""))
    if after is None:
        raise InvalidPositionError
    return WatchResponse(visit.tenant, row.pk, _WatchedOnPage(visit, row), after=after)


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


@dataclass(frozen=True, slots=True)
class _WatchedOnPage:
    """A conversation as its page shows it."""

    visit: Visit
    row: Conversation

    def messages(self, messages: Sequence[Message]) -> Sequence[Any]:
        """Return messages as HTML."""
        values = {"visit": self.visit, "tenant": self.visit.tenant}
        return [
            {
                "id": str(turn.id),
                "html": render_to_string("portal/chat/_message.html", {**values, "turn": turn}, self.visit.request),
            }
            for turn in _turns(messages, self.row)
        ]

    def handling(self, conversation: Conversation) -> Any:
        """Return who answers, as far as the page has to be drawn again for it."""
        ended = conversation.ended_at is not None
        return {"handling": conversation.handling, "taken_by": conversation.taken_by, "ended": ended}


def _turns(messages: Sequence[Message], row: Conversation) -> list[ShownTurn]:
    return turns_of(messages, bot_name=row.bot.name, asker=who(row))


def _page(visit: Visit, row: Conversation) -> tuple[list[Message], int]:
    """Return the messages to show, and the place before which there are more, 0 when there are none."""
    rows = selectors.messages(by=visit.actor, where=MessageFilter(conversation_id=row.pk)).order_by("-seq")
    before = visit.request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) <= LONGEST_PLACE:
        rows = rows.filter(seq__lt=int(before))
    page = list(rows[: _AT_ONCE + 1])
    messages = page[:_AT_ONCE][::-1]
    return messages, messages[0].seq if len(page) > _AT_ONCE else 0
