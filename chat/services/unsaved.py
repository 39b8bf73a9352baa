"""Keeps answers that are finished and could not be saved, and saves them as soon as the database is back.

Their process goes on giving signs of life for them, so nobody else settles them meanwhile; when it dies, they count as
abandoned like any other answer. An answer that somebody has settled all the same is left as it is.
"""

from __future__ import annotations

import asyncio
import logging

from django.db import DatabaseError

from chat.exceptions import AnswerNotKeptError, AnswerNotSavedError
from chat.live.committer import committer
from chat.live.store import Entry, TurnKey
from chat.services.finishing import finish_turn
from chat.types import Outcome, Turn
from chatcms.core.exceptions import AppError
from chatcms.core.outages import is_database_away
from chatcms.core.tenantdb import watch
from tenants.context import in_tenant

logger = logging.getLogger(__name__)

# An answer is some kilobytes; beyond this many, memory is worth more.
MOST_KEPT = 1000
RETRY_SECONDS = 0.5

_saving: set[asyncio.Task[None]] = set()
_kept: dict[TurnKey, asyncio.Task[None]] = {}


async def save(turn: Turn, outcome: Outcome) -> AppError | None:
    """Save how a turn ended, in a task that no cancellation reaches; return what to tell the reader if that failed."""
    task = asyncio.create_task(in_tenant(turn.tenant, finish_turn, turn=turn, outcome=outcome))
    _saving.add(task)
    task.add_done_callback(_saving.discard)
    try:
        await asyncio.shield(task)
    except DatabaseError as error:
        if is_database_away(error):
            return _keep(turn, outcome)
        logger.exception("Turn %s could not be saved", turn.message_id)
        return AnswerNotKeptError()
    except asyncio.CancelledError:
        task.add_done_callback(lambda done: _keep_if_lost(done, turn, outcome))
        raise
    return None


def kept_answers() -> int:
    """Return how many answers wait to be saved."""
    return len(_kept)


def _keep_if_lost(done: asyncio.Task[None], turn: Turn, outcome: Outcome) -> None:
    """Keep an answer whose reader has gone away while it was being saved."""
    if not done.cancelled() and is_database_away(done.exception()):
        _keep(turn, outcome)


def _keep(turn: Turn, outcome: Outcome) -> AppError:
    if len(_kept) >= MOST_KEPT:
        logger.error("Turn %s is lost: %d answers wait to be saved already", turn.message_id, MOST_KEPT)
        return AnswerNotKeptError()
    if not _kept:
        logger.error("Answers that are finished wait for the database to be saved.")
    voice = _Waiting(TurnKey(turn.tenant.id, turn.message_id, turn.attempt))
    task = _kept[voice.key] = asyncio.create_task(_until_saved(turn, outcome, voice))
    voice.task = task
    task.add_done_callback(lambda _: _forget(voice.key))
    committer().add(voice)
    return AnswerNotSavedError()


def _forget(key: TurnKey) -> None:
    _kept.pop(key, None)
    if not _kept:
        logger.warning("No finished answer waits for the database any more.")


async def _until_saved(turn: Turn, outcome: Outcome, voice: _Waiting) -> None:
    try:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            if watch.is_away():
                continue
            try:
                await in_tenant(turn.tenant, finish_turn, turn=turn, outcome=outcome, late=True)
            except DatabaseError as error:
                if not is_database_away(error):
                    logger.exception("Turn %s could not be saved", turn.message_id)
                    return
            else:
                return
    finally:
        voice.has_ended = True
        committer().note(voice)


class _Waiting:
    """The sign of life of an answer that waits to be saved."""

    is_owned = True

    def __init__(self, key: TurnKey) -> None:
        self._key = key
        self.has_ended = False
        self.task: asyncio.Task[None] | None = None

    @property
    def key(self) -> TurnKey:
        """What names the attempt."""
        return self._key

    def entry(self) -> Entry | None:
        """Add nothing to the log: its reader has been told."""
        return None

    def committed(self, *, logged: bool) -> None:
        """Nobody waits for it."""

    def stop(self) -> None:
        """It has ended already."""

    def lose(self) -> None:
        """Another process has taken the answer over, and settles it."""
        if self.task is not None:
            self.task.cancel()
