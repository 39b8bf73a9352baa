"""Lets the apps above say which of their rows use a provider, without being imported from here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

_MAX_NAMED = 3


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


_follower_finders: list[Callable[[], list[Usage]]] = []


def register_followers(find: Callable[[], list[Usage]]) -> None:
    """Add a finder of what follows the tenant's default provider; called once by each app, in `AppConfig.ready`."""
    _follower_finders.append(find)


def followers_of_default() -> list[Usage]:
    """Return everything in the tenant in force that names no provider and so runs on the default one."""
    return [usage for find in _follower_finders for usage in find()]


def listed(found: list[Usage]) -> list[dict[str, str]]:
    """Return usages as an error tells them."""
    return [{"type": usage.noun, "id": str(usage.id), "name": usage.name} for usage in found]


def named(found: list[Usage]) -> str:
    """Return the first usages in words."""
    names = ", ".join(f"{usage.noun} “{usage.name}”" for usage in found[:_MAX_NAMED])
    return f"{names} and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else names
