"""Ends a turn, however it went: the text so far, what it used, what it cites."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

import orjson
from django.db import connection, transaction
from django.utils import timezone

from bots.enums import NoEvidence
from chat.enums import MessageStatus
from chat.models import Message, Usage
from chat.money.services import ledger
from chat.money.services.ledger import Reservation
from chat.turns.citations import citation_of
from chat.turns.events import MODEL
from chat.turns.exceptions import AnswerAbandonedError
from chat.turns.live.store import TurnKey
from chat.turns.outcomes import TurnOutcome
from chat.turns.pseudonyms import PERSON
from chat.turns.services import announcements
from chat.turns.services.handoff import note_missing_knowledge
from chat.turns.turn import TenantRef, Turn
from chatcms.core.db.ids import uuid7
from providers.messages import dump_parts

# Why an answer ended that somebody stopped; one whose reader went away has no reason, and may be continued.
STOPPED: Literal["stopped"] = "stopped"

# One statement, and so a transaction. Usage is what figures are made of, also when the conversation is gone, so it says
# how the answer went. A message that is gone leaves its usage without one. Once another process has
# restarted the answer, that process has settled this attempt already.
_FINISH = f"""
WITH kept AS (
    UPDATE messages SET content = %(content)s, parts = %(parts)s::jsonb, status = %(status)s,
        error_code = %(error_code)s, finish_reason = %(finish_reason)s, citations = %(citations)s::jsonb,
        retrieval = %(retrieval)s::jsonb, first_token_ms = %(first_token_ms)s, total_ms = %(total_ms)s,
        model = %(model)s, provider_name = coalesce(nullif(%(provider)s, ''), provider_name),
        curated_answer_id = %(curated)s, reserved = NULL
    WHERE id = %(answer)s AND coalesce((setting ->> 'attempt')::int, 0) = %(attempt)s
        AND (status = 'streaming' OR NOT %(late)s)
    RETURNING id, conversation_id, seq, created_at
), held AS (
    SELECT kept.id, kept.created_at, conversations.channel, {PERSON} AS person, NOT EXISTS (
        SELECT 1 FROM messages AS earlier
        WHERE earlier.conversation_id = kept.conversation_id AND earlier.role = 'assistant' AND earlier.seq < kept.seq
    ) AS opens
    FROM kept JOIN conversations ON conversations.id = kept.conversation_id
)
INSERT INTO usage (
    id, message_id, bot_id, channel, person, model, prompt_tokens, completion_tokens,
    cache_read_tokens, cache_write_tokens, reasoning_tokens, estimated, cost, currency, day,
    asked_at, changed_at, outcome, opens, answered_by, has_evidence, cited, first_token_ms, total_ms
) SELECT
    %(usage)s, held.id, %(bot)s, coalesce(held.channel, ''), held.person, %(model)s, %(prompt_tokens)s,
    %(completion_tokens)s, %(cache_read_tokens)s, %(cache_write_tokens)s, %(reasoning_tokens)s,
    %(estimated)s, %(cost)s, %(currency)s, %(day)s,
    coalesce(held.created_at, now()), now(), %(status)s, coalesce(held.opens, false), %(answered_by)s,
    %(has_evidence)s, %(cited)s::uuid[], %(first_token_ms)s, %(total_ms)s
FROM (SELECT 1) AS one LEFT JOIN held ON true
WHERE EXISTS (SELECT 1 FROM kept) OR NOT EXISTS (SELECT 1 FROM messages WHERE id = %(answer)s)
"""  # noqa: S608 - built from a constant


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn ended, as it is written down: `values` are those of the one statement.

    Where webhooks listen to turns it `is_heard`.
    """

    tenant: TenantRef
    conversation_id: uuid.UUID
    values: dict[str, Any]
    reservation: Reservation | None = None
    hands_over: bool = False
    is_heard: bool = False

    @property
    def key(self) -> TurnKey:
        """What names the attempt."""
        return TurnKey(self.tenant.id, self.values["answer"], self.values["attempt"])


def ending_of(turn: Turn, outcome: TurnOutcome) -> Ending:
    """Return what is to be written of how a turn ended."""
    values: dict[str, Any] = {
        "answer": turn.message_id,
        "attempt": turn.attempt,
        "content": outcome.text,
        "parts": orjson.dumps(dump_parts(outcome.parts)).decode(),
        "status": outcome.status.value,
        "error_code": outcome.error_code,
        "finish_reason": outcome.finish_reason,
        "citations": orjson.dumps([citation_of(source) for source in outcome.cited]).decode(),
        "retrieval": orjson.dumps(_retrieval_of(outcome)).decode(),
        "first_token_ms": outcome.first_token_ms,
        "total_ms": outcome.total_ms,
        "usage": uuid7(),
        "bot": turn.ask.bot.id,
        "model": outcome.model or turn.ask.bot.model,
        "provider": outcome.provider_name,
        "curated": outcome.curated_answer_id,
        "answered_by": outcome.answered_by,
        "has_evidence": outcome.has_evidence,
        "cited": list(dict.fromkeys(source.document_id for source in outcome.cited)),
        "day": timezone.now().date(),
    }
    hands_over = outcome.answered_by == NoEvidence.HANDOFF
    values |= asdict(outcome.usage)
    return Ending(turn.tenant, turn.conversation_id, values, outcome.reservation, hands_over, turn.rules.is_heard)


def finish(ending: Ending, *, late: bool = False) -> None:
    """Save how a turn ended and settle its usage, in one statement; the turn itself names the caller.

    When the conversation was deleted meanwhile, only the usage is kept. A bot that hands over without evidence has a
    person asked for. With `late`, an answer that is settled stays as it is: the attempt before may have been saved
    without this process hearing of it, or somebody has gone on. Only an answer that was given up as abandoned gets its
    real end after all.
    """
    if not late and ending.reservation is None and not ending.hands_over and not ending.is_heard:
        _finish(ending.values | {"late": False})
        return
    with transaction.atomic():
        guessed = _reopened(ending) if late else None
        # If another process restarted this answer, it has already settled the reservation.
        if not _finish(ending.values | {"late": late}):
            return
        if ending.reservation is not None:
            _settle_reservation(ending.reservation, ending.values["cost"], guessed)
        if ending.hands_over:
            note_missing_knowledge(ending.conversation_id)
        if ending.is_heard:
            announcements.tell_message(ending.values["answer"])


def _reopened(ending: Ending) -> Usage | None:
    """Put an answer that was given up as abandoned back to where it is finished; return the guess of what it used."""
    answer, attempt = ending.values["answer"], ending.values["attempt"]
    given_up = Message.objects.select_for_update().filter(
        pk=answer, status=MessageStatus.FAILED, error_code=AnswerAbandonedError.code
    )
    message = given_up.first()
    if message is None or message.attempt != attempt:
        return None
    guess = message.usage.filter(estimated=True, outcome=MessageStatus.FAILED).order_by("-id").first()
    if guess is not None:
        now = timezone.now()
        message.usage.filter(pk=guess.pk).update(
            outcome="", opens=False, prompt_tokens=0, completion_tokens=0, cost=Decimal(0), changed_at=now
        )
    Message.objects.filter(pk=answer).update(status=MessageStatus.STREAMING, error_code="")
    return guess


def _settle_reservation(reservation: Reservation, cost: Decimal | None, guessed: Usage | None) -> None:
    """Put what the answer cost in the place of what is set aside, or of the guess that was put there."""
    if guessed is None:
        ledger.settle(reservation, cost)
        return
    spent = reservation.amount if cost is None else cost
    before = reservation.amount if guessed.cost is None else guessed.cost
    ledger.settle(Reservation(Decimal(0), reservation.spending_ids), spent - before)


def _finish(values: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, values)
        return int(cursor.rowcount) > 0


def save_partial(*, turn: Turn, text: str) -> None:
    """Keep what has been answered so far, for the case that this process is killed."""
    under_way = Message.objects.filter(pk=turn.message_id, status=MessageStatus.STREAMING)
    attempt = {"setting__attempt": turn.attempt} if turn.attempt else {"setting__attempt__isnull": True}
    under_way.filter(**attempt).update(content=text)


def _retrieval_of(outcome: TurnOutcome) -> dict[str, Any]:
    origin = {} if outcome.answered_by == MODEL else {"answered_by": outcome.answered_by}
    if outcome.has_evidence is None:
        return origin
    passages = [
        {"number": source.number, "chunk_id": str(source.chunk_id), "score": round(source.score, 6)}
        for source in outcome.sources
    ]
    consulted = [citation_of(source) for source in outcome.consulted]
    told = {"consulted": consulted} if consulted else {}
    return {"has_evidence": outcome.has_evidence, "passages": passages, **told, **origin}
