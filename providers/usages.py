"""Lets the apps above say which of their rows use a provider, without being imported from here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """A row that uses a provider: what it is ("bot"), its id and its name."""

    noun: str
    id: uuid.UUID
    name: str


_finders: list[Callable[[uuid.UUID], list[Usage]]] = []


def register(find: Callable[[uuid.UUID], list[Usage]]) -> None:
    """Add a finder of usages by the provider's id; called once by each app, in `AppConfig.ready`."""
    _finders.append(find)


def usages_of(provider_id: uuid.UUID) -> list[Usage]:
    """Return everything in the tenant in force that uses the provider."""
    return [usage for find in _finders for usage in find(provider_id)]
