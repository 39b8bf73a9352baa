"""Restarts an answer whose process or reader has gone away."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bots.selectors import bot_by_ref
from chat.enums import Handling, MessageStatus
from chat.models import Message
from chat.turns.exceptions import AnswerAbandonedError
from chat.turns.history import history_of, question_of
from chat.turns.live.store import TurnKey
from chat.turns.services.abandonment import settle_lost
from chat.turns.services.assembly import assemble, rules_of
from chat.turns.services.routes import routes_of
from chat.turns.turn import Call, SavedQuestion, Turn
from tenants.context import TenantLike
from tenants.types import Actor

# For so long after its question an answer that broke off can be had by coming back to it.
RESUMABLE_FOR = timedelta(minutes=15)


def may_go_on(message: Message, *, again: bool = False) -> bool:
    """Say whether an answer that broke off may restart: soon, while it is the last of its conversation, by a bot.

    One that somebody stopped has its end; one that failed by its provider restarts only when it is asked for
    `again`. The conversation has to be at hand.
    """
    conversation = message.conversation
    if message.superseded or message.seq != conversation.message_count or conversation.handling == Handling.PERSON:
        return False
    if not Call.read(message.setting).can_be_made_anew or message.created_at < timezone.now() - RESUMABLE_FOR:
        return False
    if message.status == MessageStatus.FAILED:
        return again or message.error_code == AnswerAbandonedError.code
    return message.status == MessageStatus.STREAMING or (
        message.status == MessageStatus.STOPPED and not message.finish_reason
    )


def restart(*, by: Actor, tenant: TenantLike, key: TurnKey, again: bool = False) -> Turn | None:
    """Restart an answer of the current `tenant` in place of the attempt `key`; return its turn.

    None when somebody else did so first or it has its end. What the attempt used whose process is gone is settled.
    Raises `NoSuchBotError` and `ProviderMisconfigured` when the bot cannot answer any more.
    """
    started = time.perf_counter()
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",)).select_related("conversation", "reply_to")
        message = rows.filter(pk=key.message_id).first()
        if message is None or message.attempt != key.attempt or not may_go_on(message, again=again):
            return None
        bot = bot_by_ref(str(message.conversation.bot_id), by=by)
        routes = routes_of(bot)
        # What this attempt costs is kept; how the answer ended, the next one will say.
        message.usage.update(outcome="", opens=False, changed_at=timezone.now())
        if message.status == MessageStatus.STREAMING:
            settle_lost(message, key, routes[0].access)
        question = message.reply_to or question_of(message)
        message.setting = {**message.setting, "attempt": key.attempt + 1}
        message.status, message.content, message.error_code = MessageStatus.STREAMING, "", ""
        message.parts = []
        message.model, message.provider_name = routes[0].model.id, routes[0].provider_name
        message.save(update_fields=["setting", "status", "content", "parts", "error_code", "model", "provider_name"])
    asked = SavedQuestion(
        conversation_id=message.conversation_id,
        question_id=question.pk,
        message_id=message.pk,
        question=question.content,
        history=history_of(message.conversation_id, before=question.seq),
        call=Call.read(message.setting),
    )
    return assemble(
        tenant=tenant,
        bot=bot,
        routes=routes,
        rules=rules_of(tenant, bot),
        asked=asked,
        started=started,
        attempt=key.attempt + 1,
    )
