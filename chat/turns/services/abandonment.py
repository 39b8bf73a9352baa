"""Settles the answers whose process is gone: what they used is paid, what there is of them is kept."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from chat.enums import MessageRole, MessageStatus
from chat.models import Message, Usage
from chat.money.pricing import priced
from chat.money.services import ledger
from chat.turns.engine import tokens
from chat.turns.engine.gathered import Gathered
from chat.turns.events import MODEL
from chat.turns.exceptions import AnswerAbandonedError
from chat.turns.live.log import logged_events
from chat.turns.live.store import TurnKey, forget, is_made, lost_turns
from chat.turns.pseudonyms import person_of
from chat.turns.services import announcements
from chat.turns.services.patience import longest_of
from chat.turns.services.routes import provider_of
from chatcms.core.db.tenantdb import watch
from chatcms.core.exceptions import AppError
from providers.connect import Access
from providers.messages import Usage as TokenUsage
from providers.types import ModelInfo
from tenants.context import TenantLike

logger = logging.getLogger(__name__)

# For so long a reader may come back and have the answer restarted.
GRACE = timedelta(seconds=60)
# Nobody makes an answer any more that is older than this and than its models may take, unless a process says that it
# does, which waits to save it.
ABANDONED_AFTER = timedelta(minutes=5)
# Just after an outage of the database, answers that could not be saved are being saved (seconds).
LEFT_ALONE_SECONDS = 120.0


def key_of(tenant: TenantLike, message: Message) -> TurnKey:
    """Return what names the present attempt at the answer."""
    return TurnKey(tenant.id, message.pk, message.attempt)


def fail_abandoned(*, tenant: TenantLike) -> int:
    """Mark answers as failed whose process is gone, in the current `tenant`; return how many."""
    outage = watch.last_outage()
    if outage is not None and outage.ended < LEFT_ALONE_SECONDS:
        return 0
    now = timezone.now()
    lost = _lost(tenant)
    overdue = Message.objects.filter(status=MessageStatus.STREAMING, created_at__lt=now - GRACE)
    failed = 0
    for message in overdue.only("pk", "created_at", "setting", "conversation_id"):
        key = key_of(tenant, message)
        if (key in lost or _is_overdue(message, key, now)) and abandon(key):
            failed += 1
    return failed


def _is_overdue(message: Message, key: TurnKey, now: datetime) -> bool:
    age = now - message.created_at
    return age > ABANDONED_AFTER and not _is_made(key) and age > longest_of(message.conversation.bot)


def abandon(key: TurnKey) -> bool:
    """Mark an attempt in the current tenant as failed and settle what it used; False when it has ended already."""
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",)).select_related("conversation__bot__tenant_ai_provider")
        message = rows.filter(pk=key.message_id, status=MessageStatus.STREAMING).first()
        if message is None or message.attempt != key.attempt:
            return False
        message.content = settle_lost(message, key, _access(message), is_end=True)
        message.status, message.error_code = MessageStatus.FAILED, AnswerAbandonedError.code
        message.save(update_fields=["content", "status", "error_code"])
        announcements.tell_message(message.pk)
    _forget(key)
    return True


def settle_lost(message: Message, key: TurnKey, access: Access | None, *, is_end: bool = False) -> str:
    """Save a guess of what an attempt used whose process is gone, and return what it had said.

    `message` comes with its conversation. With `is_end` the answer counts as failed, whatever it used.
    """
    text, prompt_tokens = _said(message, key)
    used = TokenUsage(prompt_tokens, tokens.estimate(text), estimated=True)
    model = access.model_info(message.model) if access and access.offers(message.model) else ModelInfo(message.model)
    usage = priced(model, used)
    if reservation := ledger.reservation_of(message):
        ledger.settle(reservation, usage.cost)
        message.reserved = None
        message.save(update_fields=["reserved"])
    if prompt_tokens or text or is_end:
        conversation = message.conversation
        earlier = conversation.messages.filter(role=MessageRole.ASSISTANT, seq__lt=message.seq)
        Usage.objects.create(
            message=message,
            bot_id=conversation.bot_id,
            channel=conversation.channel,
            person=person_of(conversation.actor_type, conversation.actor_id),
            model=message.model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            estimated=True,
            cost=usage.cost,
            day=timezone.now().date(),
            asked_at=message.created_at,
            outcome=MessageStatus.FAILED if is_end else "",
            opens=is_end and not earlier.exists(),
            answered_by=MODEL,
        )
    return text


def _access(message: Message) -> Access | None:
    try:
        return provider_of(message.conversation.bot)[1]
    except AppError:
        # Its provider is gone: what a token cost there is unknown.
        return None


def _said(message: Message, key: TurnKey) -> tuple[str, int]:
    """Return the text and the size of the prompt: from the log, or else the text that was saved now and then."""
    try:
        events = logged_events(key)
    except (RedisError, OSError):
        events = []
    gathered = Gathered()
    for event in events:
        gathered.note(event)
    return max(gathered.text, message.content, key=len), gathered.retrieved.prompt_tokens


def _is_made(key: TurnKey) -> bool:
    try:
        return is_made(key)
    except (RedisError, OSError):
        return False


def _lost(tenant: TenantLike) -> set[TurnKey]:
    try:
        return {key for key in lost_turns() if key.tenant_id == tenant.id}
    except (RedisError, OSError) as error:
        logger.warning("Who makes answers cannot be told: %s", type(error).__name__)
        return set()


def _forget(key: TurnKey) -> None:
    try:
        forget([key])
    except (RedisError, OSError) as error:
        logger.warning("An answer stays on the list of those under way: %s", type(error).__name__)
