"""Decides what of an answer a caller is told: visitors learn what the answer says, not what it was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chat.money.pricing import UsageKnown
from chat.turns.events import Failed, Retrieved, TurnEvent
from chatcms.core.exceptions import AppError
from providers.exceptions import ProviderError
from tenants.types import Actor

# Returns an event of the same kind.
Tell = Callable[[TurnEvent], Any]


def telling(by: Actor) -> Tell:
    """Return what turns an event into the one that `by` is told."""
    return _for_visitors if by.type == "visitor" else _as_it_is


def error_for(by: Actor, error: AppError) -> AppError:
    """Return the error that `by` is told; visitors read no details of a provider, such as its name and address."""
    if by.type != "visitor" or not isinstance(error, ProviderError):
        return error
    # Not by the class's own constructor, which may want what made the sentence.
    discreet = type(error).__new__(type(error))
    kept: dict[str, Any] = {name: error.extra[name] for name in ("retry_after", "stage") if name in error.extra}
    AppError.__init__(discreet, type(error).default_detail, **kept)
    return discreet


def _as_it_is(event: TurnEvent) -> TurnEvent:
    return event


def _for_visitors(event: TurnEvent) -> TurnEvent:
    """Leave out the passages, which may be of documents that the answer never cites, the cost, and vendors' words."""
    if isinstance(event, Retrieved):
        return replace(event, sources=(), messages=())
    if isinstance(event, UsageKnown):
        return replace(event, cost=None)
    if isinstance(event, Failed) and isinstance(event.error, ProviderError):
        return replace(event, error=error_for(_VISITOR, event.error))
    return event


_VISITOR = Actor(type="visitor")
