"""Runs a started turn to its end and saves it, with or without a reader and however it ends."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.db import DatabaseError

from chat.turns import engine
from chat.turns.events import ConversationStarted, Ended, LimitLearned, Rerouted, TurnEvent, Wordless
from chat.turns.exceptions import AnswerBrokeOffError
from chat.turns.live.stopper import StoppedError, Stopper
from chat.turns.live.store import TurnKey
from chat.turns.live.turn import LiveTurn
from chat.turns.services import unsaved
from chat.turns.services.learned_limits import remember
from chat.turns.services.pictures import with_pictures
from chat.turns.services.ports import TurnPorts
from chat.turns.services.record import TurnRecord
from chat.turns.services.settlement import save_partial
from chat.turns.turn import Turn
from chatcms.core.db.outages import is_database_away
from chatcms.core.exceptions import AppError
from providers.messages import Tally
from tenants.context import in_tenant

# What the engine says to those who book an answer, and not to its reader
_INWARD = (Ended, Rerouted, Tally, Wordless)

logger = logging.getLogger(__name__)


def begin(turn: Turn) -> LiveTurn:
    """Begin to answer a turn, in its own task on the running event loop; what it gives is to be read or left."""
    stopper = Stopper()
    return LiveTurn(
        run_turn(turn, stopper),
        TurnKey(turn.tenant.id, turn.message_id, turn.attempt),
        conversation_id=turn.conversation_id,
        stopper=stopper,
        finish=turn.if_disconnected == "finish",
    )


async def run_turn(turn: Turn, stopper: Stopper) -> AsyncGenerator[TurnEvent, None]:
    """Yield `ConversationStarted`, `Retrieved`, `Delta`s and `CitationMade`s; then `UsageKnown`, `Done` or `Failed`.

    Raises nothing itself. The turn is saved before its last events are yielded; when the reader goes
    away (the generator is closed, or its task cancelled) the upstream is closed and the text so far is saved
    as stopped. `stopper` ends the answer where it is, with `UsageKnown` and `Done`.
    With the start, a turn visits the database three times, once more when its answer cites nothing, and once more for
    every `record.FLUSH_SECONDS` that it takes.
    """
    ports = TurnPorts(turn)
    record = TurnRecord(turn)
    try:
        yield ConversationStarted(turn.conversation_id, turn.question_id, turn.message_id)
        with stopper.listening():
            answer = engine.answer(await with_pictures(turn.ask), routes=turn.routes, ports=ports)
            async with aclosing(answer) as events:
                async for event in events:
                    record.note(event)
                    if isinstance(event, LimitLearned):
                        await remember(turn.tenant, record.route, event)
                    elif not isinstance(event, _INWARD):
                        yield event
                    if record.flush_due():
                        await _flush(turn, record.text_to_flush())
    except StoppedError:
        record.stop()
    except AppError as error:
        record.fail(error)
    except Exception:  # edge: stream
        logger.exception("Turn %s broke off", turn.message_id)
        record.fail(AnswerBrokeOffError())
    finally:
        outcome = record.outcome(ports.reservation)
        unsaved_because = await unsaved.save(turn, outcome)
    if unsaved_because is not None:
        record.fail(unsaved_because)
    for closing in record.closing_events(outcome):
        yield closing


async def _flush(turn: Turn, text: str) -> None:
    try:
        await in_tenant(turn.tenant, save_partial, turn=turn, text=text)
    except DatabaseError as error:
        if is_database_away(error):
            return  # the watch on the database has logged it
        logger.warning("The text so far of %s could not be saved: %s", turn.message_id, type(error).__name__)
