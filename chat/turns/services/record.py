"""Keeps what has happened in a turn so far, and says what is to be saved of it."""

from __future__ import annotations

import time

from chat.enums import MessageStatus
from chat.money.pricing import UsageKnown
from chat.money.services.ledger import Reservation
from chat.turns.asks import ModelRoute
from chat.turns.engine.gathered import Gathered
from chat.turns.events import MODEL, Delta, Done, EngineEvent, Failed, Restarted, ToolCalled
from chat.turns.exceptions import AnswerBrokeOffError
from chat.turns.outcomes import TurnOutcome
from chat.turns.services.meter import Meter
from chat.turns.services.settlement import STOPPED
from chat.turns.turn import Turn
from chatcms.core.exceptions import AppError

FLUSH_SECONDS = 2.0


class TurnRecord:
    """The story of one turn; until something else is known, its reader has gone away."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._gathered = Gathered()
        self._error: AppError | None = None
        self._stopped = False
        self._first_token_ms: int | None = None
        self._flushed_at = time.perf_counter()
        self._flushed_pieces = 0
        self._meter = Meter(turn.ask.model)

    def note(self, event: EngineEvent) -> None:
        """Remember what the engine said."""
        if isinstance(event, Delta | ToolCalled) and self._first_token_ms is None:
            self._first_token_ms = self._elapsed_ms()
        if isinstance(event, Restarted):
            self._flushed_pieces = 0
        self._meter.note(event)
        self._gathered.note(event)

    def fail(self, error: AppError) -> None:
        """Remember that the turn failed."""
        self._error = error

    def stop(self) -> None:
        """Remember that somebody asked for the end of the answer, who is not just a reader going away."""
        self._stopped = True

    def flush_due(self) -> bool:
        """Say whether there is text that has not been saved for `FLUSH_SECONDS`."""
        unsaved = len(self._gathered.pieces) > self._flushed_pieces
        return unsaved and time.perf_counter() - self._flushed_at >= FLUSH_SECONDS

    def text_to_flush(self) -> str:
        """Return the text so far; the next flush is due after another `FLUSH_SECONDS`."""
        self._flushed_at = time.perf_counter()
        self._flushed_pieces = len(self._gathered.pieces)
        return self._text()

    def outcome(self, reservation: Reservation | None = None) -> TurnOutcome:
        """Return what is to be saved now; `reservation` is the money that was set aside for the answer."""
        has_failed = self._error is not None and not self._gathered.has_words
        return TurnOutcome(
            status=self._status(),
            text=self._text(),
            usage=self._meter.total(self._text(), has_failed=has_failed),
            parts=self._gathered.parts,
            sources=self._gathered.retrieved.sources,
            cited=tuple(self._gathered.cited),
            has_evidence=self._has_evidence,
            error_code=self._error.code if self._error else "",
            finish_reason=self._finish_reason(),
            first_token_ms=self._first_token_ms,
            total_ms=self._elapsed_ms(),
            model=self.route.model.id,
            provider_name=self.route.provider_name,
            answered_by=self._answered_by,
            curated_answer_id=self._gathered.ended.curated_answer_id if self._gathered.ended else None,
            reservation=reservation,
            consulted=self._gathered.consulted,
        )

    def closing_events(self, outcome: TurnOutcome) -> tuple[UsageKnown, Done] | tuple[Failed]:
        """Return the last events of the turn, once `outcome` is saved or could not be."""
        turn = self._turn
        if self._error or not (self._gathered.ended or self._stopped):
            error = self._error or AnswerBrokeOffError()
            return (Failed(turn.message_id, turn.conversation_id, error, incomplete=self._gathered.has_words),)
        done = Done(
            message_id=turn.message_id,
            conversation_id=turn.conversation_id,
            finish_reason=self._gathered.ended.finish_reason if self._gathered.ended else STOPPED,
            model=outcome.model,
            has_evidence=outcome.has_evidence,
            first_token_ms=outcome.first_token_ms,
            total_ms=outcome.total_ms,
            answered_by=outcome.answered_by,
            consulted=outcome.consulted,
        )
        return outcome.usage, done

    @property
    def route(self) -> ModelRoute:
        """The model that was asked last."""
        return self._gathered.route or self._turn.routes[0]

    @property
    def _has_evidence(self) -> bool | None:
        """What the search says, unless the model has read the passages and says otherwise."""
        ended = self._gathered.ended
        return self._gathered.retrieved.has_evidence and (ended is None or ended.is_from_passages)

    @property
    def _answered_by(self) -> str:
        return self._gathered.ended.answered_by if self._gathered.ended else MODEL

    def _finish_reason(self) -> str:
        """Nothing for an answer that failed or whose reader has gone away: it may still be continued."""
        if self._gathered.ended:
            return self._gathered.ended.finish_reason
        return STOPPED if self._stopped and not self._error else ""

    def _status(self) -> MessageStatus:
        if self._error:
            return MessageStatus.FAILED
        return MessageStatus.COMPLETE if self._gathered.ended else MessageStatus.STOPPED

    def _text(self) -> str:
        return self._gathered.text

    def _elapsed_ms(self) -> int:
        return round((time.perf_counter() - self._turn.started) * 1000)
