"""Writes what turns leave behind, usage by the hundred and questions, without asking a model."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from bots.models import Bot
from chat.enums import Channel
from chat.models import Conversation, Message, Usage

BOTS = (uuid.UUID(int=1), uuid.UUID(int=2))
ANSWER: dict[str, Any] = {
    "bot_id": BOTS[0],
    "channel": "widget",
    "person": 4,
    "model": "gpt-test",
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "cost": Decimal("0.001"),
    "outcome": "complete",
    "answered_by": "model",
    "has_evidence": True,
    "first_token_ms": 400,
    "total_ms": 2000,
}


def answered(at: datetime, **values: Any) -> Usage:
    """One answer to a question asked at a moment; as usual a good one from documents."""
    return Usage.objects.create(**ANSWER | {"asked_at": at, "day": at.date()} | values)


def many(moments: Sequence[datetime], *, seed: int = 1) -> list[Usage]:
    """An answer of any kind for each moment."""
    dice = random.Random(seed)
    rows = []
    for at in moments:
        evidence = dice.choice([True, True, False, None])
        outcome = dice.choice(["complete", "complete", "complete", "stopped", "failed", ""])
        values = {
            "bot_id": dice.choice(BOTS),
            "channel": dice.choice(["widget", "api"]),
            "model": dice.choice(["gpt-test", "other-test"]),
            "person": dice.randrange(40),
            "outcome": outcome,
            "opens": outcome != "" and dice.random() < 0.4,
            "superseded": dice.random() < 0.1,
            "has_evidence": evidence,
            "answered_by": "curated" if evidence is None and dice.random() < 0.5 else "model",
            "rating": dice.choice([None, None, 1, -1]),
            "cost": dice.choice([None, Decimal("0.001"), Decimal("0.0025")]),
            "cache_read_tokens": dice.randrange(6),
            "cache_write_tokens": dice.randrange(4),
            "reasoning_tokens": dice.randrange(5),
            "first_token_ms": dice.randrange(50, 5000),
            "total_ms": dice.randrange(500, 60_000),
            "cited": [uuid.UUID(int=dice.randrange(5))] if evidence else [],
        }
        rows.append(Usage(**ANSWER | {"asked_at": at, "day": at.date()} | values))
    return Usage.objects.bulk_create(rows)


def ask(bot: Bot, question: str, *, person: int = 1, **answer: Any) -> Message:
    """A question of a visitor, answered as usual with nothing found."""
    conversation = Conversation.objects.create(
        bot=bot, channel=Channel.WIDGET, actor_type="visitor", actor_id=uuid.UUID(int=person)
    )
    asked = Message.objects.create(conversation=conversation, seq=1, role="user", content=question)
    values = {"retrieval": {"has_evidence": False, "passages": []}} | answer
    return Message.objects.create(conversation=conversation, seq=2, role="assistant", reply_to=asked, **values)
