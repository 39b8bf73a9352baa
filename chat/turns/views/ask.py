"""A conversation inside a page: a question answered as a stream, and a finished answer as safe HTML."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_POST

from bots.selectors import bot_by_ref
from chat.enums import Channel
from chat.selectors import answer_of
from chat.turns.entrance import Question
from chat.turns.markup import html_of
from chat.turns.questions import QuestionSerializer
from chat.turns.services.start import start_turn
from chat.turns.serving.events import EventsFace
from chat.turns.serving.loop import on_the_loop
from chat.turns.serving.response import TurnResponse
from chatcms.core.exceptions import InvalidInputError
from chatcms.core.text.jsonin import MalformedJSONError, read_json
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_POST
@on_the_loop
@tenant_page(Capability.CHAT_USE)
def ask(visit: Visit, bot_id: uuid.UUID) -> HttpResponseBase:
    """Answer a question (`{"message", "conversation_id"?}`) with the event stream of the chat API."""
    asked = _question(visit.request.body)
    question = Question(
        by=visit.actor,
        tenant=visit.tenant,
        bot=bot_by_ref(str(bot_id)),
        text=asked["message"],
        channel=Channel.PORTAL,
        conversation_id=asked["conversation_id"],
    )
    return TurnResponse(start_turn(question), EventsFace(by=visit.actor))


@require_GET
@tenant_page(Capability.CHAT_USE)
def answer(visit: Visit, message_id: uuid.UUID) -> HttpResponse:
    """Show one finished answer, its Markdown rendered by the one renderer."""
    message = answer_of(visit.actor, message_id)
    return visit.render("portal/chat/_answer.html", {"html": html_of(message)})


def _question(body: bytes) -> dict[str, Any]:
    try:
        serializer = QuestionSerializer(data=read_json(body))
    except MalformedJSONError:
        raise InvalidInputError("The question did not arrive whole. Send it again.") from None
    if not serializer.is_valid():
        raise InvalidInputError("Write a question of at most 8,000 characters.")
    return dict(serializer.validated_data)
