"""What a member does in a conversation: take it over, write, hand it back, end it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat.conversations.services.lifecycle import end_conversation
from chat.inbox.exceptions import ConversationTakenError
from chat.inbox.forms import ReplyForm
from chat.inbox.services import takeover
from chat.inbox.views.conversation import found, handling_values, shown
from chat.turns.exceptions import OutOfReachError
from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import Refusals, add_refusal
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def take_over(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Let the member answer from now on; also from another person, if that was said."""
    row = found(visit, conversation_id)
    instead = visit.request.POST.get("instead_of") == str(row.taken_by)
    # Somebody may have been quicker: the page says who, and offers to take it over from them.
    with Refusals(visit.refused, kinds=(ConversationTakenError, OutOfReachError)):
        takeover.take_over(by=visit.actor, conversation=row, instead_of_other=instead)
    return visit.redirect("chat:conversation", row.pk)


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def reply(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Write to the holder of the conversation; what cannot be sent stays in the box, with the reason."""
    row, form = found(visit, conversation_id), ReplyForm(visit.request.POST)
    if form.is_valid():
        try:
            takeover.reply(by=visit.actor, conversation=row, content=form.cleaned_data["content"])
        except AppError as error:
            row = found(visit, conversation_id)
            add_refusal(form, error)
        else:
            form = ReplyForm()
            if not visit.is_htmx:
                return visit.redirect("chat:conversation", row.pk)
    status = 422 if form.errors else 200
    if visit.is_htmx:
        return visit.render("portal/chat/_handling.html", handling_values(visit, row, form), status=status)
    return shown(visit, row, form, status=status)


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def hand_back(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Let the bot answer again."""
    row = takeover.hand_back(by=visit.actor, conversation=found(visit, conversation_id))
    visit.saved(_("The bot answers again, from the next question on."))
    return visit.redirect("chat:conversation", row.pk)


@require_POST
@tenant_page(Capability.CONVERSATIONS_WRITE)
def end(visit: Visit, conversation_id: uuid.UUID) -> HttpResponse:
    """Mark the conversation as ended."""
    row = end_conversation(by=visit.actor, conversation=found(visit, conversation_id))
    visit.saved(_("The conversation is ended. A later question opens it again, for the bot."))
    return visit.redirect("chat:conversation", row.pk)
