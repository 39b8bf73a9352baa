"""Knows which function does which kind of job; apps register theirs when Django starts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from chatcms.jobs.enums import Queue


@dataclass(frozen=True, slots=True)
class Handler:
    """How to do one kind of job, inside its tenant.

    `run(target_id)` must be safe to run twice; it returns when the work is done or has failed for good in a
    way it has recorded itself, and raises when another attempt may help. `give_up(target_id, reason)` records
    on the target that no attempt is left. `revive(target_id)` undoes that before a person has the job tried again:
    afterwards `run` finds work to do. It runs in the transaction that queues the job, and raises
    `JobTargetGoneError`, `JobTargetDoneError` or another `AppError` when there is nothing to try again. `pauses` are
    the seconds before each further attempt; without them there are as many attempts as the job says, with pauses
    that double. `queue` is `SHORT` for work of seconds. A job that takes longer than `time_limit` (in seconds,
    `JOB_TIME_LIMIT_SECONDS` when None) is ended with its process, which counts as a failed attempt.

    A job of minutes raises `YieldError` when it has had its slice: it goes on from there later, at no attempt's cost.
    """

    run: Callable[[uuid.UUID], None]
    give_up: Callable[[uuid.UUID, str], None]
    revive: Callable[[uuid.UUID], None]
    pauses: tuple[int, ...] = ()
    queue: Queue = Queue.DEFAULT
    time_limit: float | None = None


_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Make `handler` the one for jobs of `kind`."""
    _handlers[kind] = handler


def find(kind: str) -> Handler | None:
    """Return the handler of `kind`, None when no app has registered one."""
    return _handlers.get(kind)


def kinds() -> list[str]:
    """Return every kind of job that an app has registered."""
    return sorted(_handlers)


def time_limit_of(kind: str) -> float:
    """Return how many seconds an attempt at a job of `kind` may take."""
    handler = find(kind)
    own = handler.time_limit if handler else None
    return float(settings.JOB_TIME_LIMIT_SECONDS) if own is None else own


def handler_of(kind: str) -> Handler:
    """Return the handler of `kind`; `LookupError` when no app has registered one."""
    handler = find(kind)
    if handler is None:
        raise LookupError(f"No app here does jobs of the kind {kind}.")
    return handler
