"""Asks a question once, however often it is sent with the same `Idempotency-Key`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from chat.models import IdempotentTurn, Message
from chat.turns.turn import LeftQuestion, Turn
from chatcms.core.exceptions import IdempotencyKeyReusedError
from tenants.services import idempotency
from tenants.services.idempotency import KEPT_FOR, Asked

StartedT = TypeVar("StartedT", bound=Turn | LeftQuestion)


def start_once(asked: Asked | None, start: Callable[[], StartedT]) -> StartedT | Message:
    """Return what `start` begins, or the answer to the same question if it was asked with this key before.

    Of a question that was left for a person, the message is the question itself.
    Without a key (`asked` is None) it begins one in any case. Raises what `start` raises, in which case the key stays
    free; `IdempotencyInFlightError` while a request with the key is being started, and `IdempotencyKeyReusedError`
    when it came with another question.
    """
    if asked is None:
        return start()
    with transaction.atomic():
        idempotency.lock(asked)
        since = timezone.now() - KEPT_FOR
        known = IdempotentTurn.objects.filter(pk=asked.key_hash, created_at__gt=since).select_related("message").first()
        if known is None:
            started = start()
            IdempotentTurn.objects.update_or_create(
                key_hash=asked.key_hash,
                defaults={
                    "fingerprint": asked.fingerprint,
                    "message_id": started.question_id if isinstance(started, LeftQuestion) else started.message_id,
                    "created_at": timezone.now(),
                },
            )
            return started
    if known.fingerprint != asked.fingerprint:
        raise IdempotencyKeyReusedError
    return known.message


def forget_expired() -> int:
    """Forget the keys older than `KEPT_FOR`, in the tenant in force; return how many."""
    return IdempotentTurn.objects.filter(created_at__lte=timezone.now() - KEPT_FOR).delete()[0]
