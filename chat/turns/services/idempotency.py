"""Asks a question once, however often it is sent with the same `Idempotency-Key`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from chat.enums import MessageRole, MessageStatus
from chat.models import IdempotentTurn, Message
from chat.turns.entrance import Known, Left, Started
from chat.turns.live.store import is_made
from chat.turns.services.abandonment import key_of
from chat.turns.services.left_questions import left_question
from chatcms.core.exceptions import IdempotencyInFlightError, IdempotencyKeyReusedError
from tenants.context import TenantLike
from tenants.services import idempotency
from tenants.services.idempotency import KEPT_FOR, Asked
from tenants.types import Actor

BegunT = TypeVar("BegunT", bound=Started | Left)

# So long a process may take from saving a question to its first sign of life.
_BEGINNING = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Once:
    """What became of a question that was sent with the same key before, or a place to note what becomes of it now."""

    known: Known | Left | None = None
    key: Asked | None = None

    def noted(self, begun: BegunT) -> BegunT:
        """Note what became of the question, which the next request with its key gets, and return it."""
        if self.key is not None:
            message_id = begun.question_id if isinstance(begun, Left) else begun.turn.message_id
            values = {"fingerprint": self.key.fingerprint, "message_id": message_id, "created_at": timezone.now()}
            IdempotentTurn.objects.update_or_create(key_hash=self.key.key_hash, defaults=values)
        return begun


@contextmanager
def asked_once(key: Asked | None, *, by: Actor, tenant: TenantLike, resumes: bool = False) -> Iterator[Once]:
    """Let the block begin what is not known yet; should it fail, the key stays free.

    Without a key nothing is known. Raises `IdempotencyInFlightError` while a request with the key is being started, or
    its answer is under way and the caller does not come back to a part of it (`resumes`), and
    `IdempotencyKeyReusedError` when it came with another question.
    """
    if key is None:
        yield Once()
        return
    with transaction.atomic():
        idempotency.lock(key)
        kept = IdempotentTurn.objects.filter(pk=key.key_hash, created_at__gt=timezone.now() - KEPT_FOR)
        row = kept.select_related("message__conversation").first()
        if row is not None and row.fingerprint != key.fingerprint:
            raise IdempotencyKeyReusedError
        known = _known(row.message, by=by, tenant=tenant, resumes=resumes) if row is not None else None
        yield Once(known, key)


def forget_expired() -> int:
    """Forget the keys older than `KEPT_FOR`, in the current tenant; return how many."""
    return IdempotentTurn.objects.filter(created_at__lte=timezone.now() - KEPT_FOR).delete()[0]


def _known(message: Message, *, by: Actor, tenant: TenantLike, resumes: bool) -> Known | Left:
    """Return what became of a question: the message is its answer or, where it was left for a person, itself."""
    if message.role == MessageRole.USER:
        return left_question(message)
    if message.status == MessageStatus.STREAMING and not resumes and _is_under_way(tenant, message):
        raise IdempotencyInFlightError
    return Known(message, by, tenant, is_repeated=True)


def _is_under_way(tenant: TenantLike, message: Message) -> bool:
    if message.created_at > timezone.now() - _BEGINNING:
        return True
    try:
        return is_made(key_of(tenant, message))
    except (RedisError, OSError):
        return True
