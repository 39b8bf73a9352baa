"""How a turn ended, as it is saved and paid for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from chat.enums import MessageStatus
from chat.money.pricing import UsageKnown
from chat.money.services.ledger import Reservation
from chat.turns.events import MODEL
from chat.turns.sources import Source
from providers.messages import Part


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """How a turn ended, as it is saved; `parts` is empty for an answer of words only.

    `model` and `provider_name` are those that were asked last.
    """

    status: MessageStatus
    text: str
    usage: UsageKnown
    parts: tuple[Part, ...] = ()
    sources: tuple[Source, ...] = ()
    cited: tuple[Source, ...] = ()
    has_evidence: bool | None = None
    error_code: str = ""
    finish_reason: str = ""
    first_token_ms: int | None = None
    total_ms: int = 0
    model: str = ""
    provider_name: str = ""
    answered_by: str = MODEL
    curated_answer_id: uuid.UUID | None = None
    reservation: Reservation | None = None
    consulted: tuple[Source, ...] = ()
