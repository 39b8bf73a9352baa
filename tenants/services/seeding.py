"""Remembers what an installation was given once: what is missing later was removed by a person and stays away."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from django.db import transaction

from tenants.models import Seed

T = TypeVar("T")


def is_made(key: str) -> bool:
    """Whether the thing of that key was made before, whatever became of it."""
    return Seed.objects.filter(key=key).exists()


def once(key: str, make: Callable[[], T]) -> T | None:
    """Return what `make` makes, in the transaction that remembers it; None, without a call, when it was made before.

    Of two processes that ask at the same time, the second waits for the first.
    """
    with transaction.atomic():
        _, is_first = Seed.objects.get_or_create(key=key)
        return make() if is_first else None


def remember(key: str) -> None:
    """Note that the thing of that key is made; twice changes nothing."""
    Seed.objects.get_or_create(key=key)


def forget(keys: Collection[str]) -> None:
    """Let the things of those keys be made once more."""
    Seed.objects.filter(key__in=keys).delete()
