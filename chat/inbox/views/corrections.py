"""Fixing an answer: an editor with the question, the answer that was given and its sources."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bots.models import Bot
from bots.selectors import bot_by_id
from chat.inbox import selectors
from chat.inbox.forms import CorrectionForm
from chat.inbox.services.corrections import (
    Correction,
    Into,
    correct_message,
    correct_question,
    datasets_for,
    question_of,
)
from chat.inbox.views.transcript import turns_of
from chat.templatetags.conversations import who
from chatcms.core.pages.refusals import refusals_in
from datasets.services.pairs import MAX_QUESTION
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_NAMES = {"questions": "question", "dataset_id": "dataset"}


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.CONVERSATIONS_WRITE)
def correct(visit: Visit, message_id: uuid.UUID) -> HttpResponse:
    """Give the question of a message a better answer."""
    message = selectors.message(by=visit.actor, message_id=message_id)
    conversation = selectors.conversation(by=visit.actor, conversation_id=message.conversation_id)
    bot = bot_by_id(conversation.bot_id, by=visit.actor)
    # A question that many ask comes as most of them put it.
    form = _form(visit, bot, visit.request.GET.get("question") or question_of(message))
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, _NAMES):
            done = correct_message(by=visit.actor, message=message, wanted=form.wanted())
            visit.saved(_said(done))
            return visit.redirect("chat:conversation", conversation.pk)
    turns = turns_of([message], bot_name=bot.name, asker=who(conversation))
    return _editor(visit, bot, form, {"conversation": conversation, "message": message, "turn": turns[0]})


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.CONVERSATIONS_WRITE)
def answer(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Give a question that many ask (`?question=`) an answer of a bot's."""
    bot = bot_by_id(bot_id, by=visit.actor)
    form = _form(visit, bot, visit.request.GET.get("question", ""))
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, _NAMES):
            done = correct_question(by=visit.actor, bot=bot, wanted=form.wanted())
            visit.saved(_said(done))
            return visit.redirect("chat:inbox")
    return _editor(visit, bot, form, {})


def _form(visit: Visit, bot: Bot, question: str) -> CorrectionForm:
    initial = {"question": question[:MAX_QUESTION], "into": Into.CURATED}
    datasets = datasets_for(bot, by=visit.actor)
    return CorrectionForm(visit.request.POST or None, bot=bot, datasets=datasets, initial=initial)


def _editor(visit: Visit, bot: Bot, form: CorrectionForm, values: dict[str, Any]) -> HttpResponse:
    shown = {"bot": bot, "form": form, **values}
    return visit.render("portal/chat/answer_correct.html", shown, status=422 if form.errors else 200)


def _said(done: Correction) -> str:
    if done.pair is not None:
        return _("Saved. In some seconds the bot answers from it.")
    return _("Saved. Whoever asks this from now on gets your answer.")
