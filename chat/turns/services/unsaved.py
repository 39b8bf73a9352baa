"""Keeps answers that are finished and could not be saved, and saves them as soon as the database is back.

Each lies in a file besides, so that it outlives its process: whichever web process starts next takes it up. Their
process goes on giving signs of life for them, so nobody else settles them meanwhile. An answer that somebody has
settled all the same is left as it is, unless it was only given up as abandoned.
"""

from __future__ import annotations

import asyncio
import logging

from django.db import DatabaseError

from chat.turns.exceptions import AnswerNotKeptError, AnswerNotSavedError
from chat.turns.live.committer import committer
from chat.turns.live.store import LogEntry, TurnKey
from chat.turns.outcomes import TurnOutcome
from chat.turns.services import shelf
from chat.turns.services.settlement import Ending, ending_of, finish
from chat.turns.services.shelf import Shelved
from chat.turns.turn import Turn
from chatcms.core.db.outages import is_database_away
from chatcms.core.db.tenantdb import watch
from chatcms.core.exceptions import AppError
from tenants.context import in_tenant

logger = logging.getLogger(__name__)

# An answer is some kilobytes; beyond this many, memory is worth more.
MOST_KEPT = 1000
RETRY_SECONDS = 0.5

_saving: set[asyncio.Task[None]] = set()
_kept: dict[TurnKey, asyncio.Task[None]] = {}


async def save(turn: Turn, outcome: TurnOutcome) -> AppError | None:
    """Save how a turn ended, in a task that no cancellation reaches; return what to tell the reader if that failed."""
    ending = ending_of(turn, outcome)
    task = asyncio.create_task(in_tenant(ending.tenant, finish, ending))
    _saving.add(task)
    task.add_done_callback(_saving.discard)
    try:
        await asyncio.shield(task)
    except DatabaseError as error:
        if is_database_away(error):
            return _keep(ending)
        logger.exception("Turn %s could not be saved", turn.message_id)
        return AnswerNotKeptError()
    except asyncio.CancelledError:
        task.add_done_callback(lambda done: _keep_if_lost(done, ending))
        raise
    return None


def take_up() -> None:
    """Go on with what a process left unsaved that has ended; called where an event loop begins to serve."""
    for ending, shelved in shelf.left_behind():
        logger.warning("Turn %s is taken up, which an earlier process could not save.", ending.key.message_id)
        _wait_for(ending, shelved)


def kept_answers() -> int:
    """Return how many answers wait to be saved."""
    return len(_kept)


def _keep_if_lost(done: asyncio.Task[None], ending: Ending) -> None:
    """Keep an answer whose reader has gone away while it was being saved."""
    if done.cancelled():
        # The process ends in the middle of it: whether it was saved, the next one finds out.
        shelf.put(ending)
    elif is_database_away(done.exception()):
        _keep(ending)


def _keep(ending: Ending) -> AppError:
    if len(_kept) >= MOST_KEPT:
        logger.error("Turn %s is lost: %d answers wait to be saved already", ending.key.message_id, MOST_KEPT)
        return AnswerNotKeptError()
    if not _kept:
        logger.error("Answers that are finished wait for the database to be saved.")
    _wait_for(ending, shelf.put(ending))
    return AnswerNotSavedError()


def _wait_for(ending: Ending, shelved: Shelved | None) -> None:
    voice = _Waiting(ending.key)
    task = _kept[voice.key] = asyncio.create_task(_until_saved(ending, voice, shelved))
    voice.task = task
    task.add_done_callback(lambda _: _forget(voice.key))
    committer().add(voice)


def _forget(key: TurnKey) -> None:
    _kept.pop(key, None)
    if not _kept:
        logger.warning("No finished answer waits for the database any more.")


async def _until_saved(ending: Ending, voice: _Waiting, shelved: Shelved | None) -> None:
    is_settled = False
    try:
        while not is_settled:
            await asyncio.sleep(RETRY_SECONDS)
            if watch.is_away():
                continue
            try:
                await in_tenant(ending.tenant, finish, ending, late=True)
            except DatabaseError as error:
                if not is_database_away(error):
                    logger.exception("Turn %s could not be saved", ending.key.message_id)
                    return
            else:
                is_settled = True
    finally:
        # What ends before, with its process, stays in its file.
        if shelved is not None and (is_settled or voice.is_lost):
            shelved.drop()
        voice.has_ended = True
        committer().note(voice)


class _Waiting:
    """The sign of life of an answer that waits to be saved."""

    is_owned = True

    def __init__(self, key: TurnKey) -> None:
        self._key = key
        self.has_ended = False
        self.is_lost = False
        self.task: asyncio.Task[None] | None = None

    @property
    def key(self) -> TurnKey:
        """What names the attempt."""
        return self._key

    def entry(self) -> LogEntry | None:
        """Add nothing to the log: its reader has been told."""
        return None

    def committed(self, *, logged: bool) -> None:
        """Nobody waits for it."""

    def stop(self) -> None:
        """It has ended already."""

    def lose(self) -> None:
        """Another process has taken the answer over, and settles it."""
        self.is_lost = True
        if self.task is not None:
            self.task.cancel()
