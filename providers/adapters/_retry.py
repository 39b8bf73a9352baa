"""The one place that says when a call to a provider is made again: once, and after a short wait."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from providers.exceptions import ProviderError

T = TypeVar("T")

_BASE_WAIT = 0.2
_LONGEST_WAIT = 5.0


def wait_before_retry(failure: ProviderError, *, attempt: int, seconds_left: float) -> float | None:
    """Return the seconds to wait before the call is made again, or `None` if it must not be.

    `attempt` counts from 1. The provider's `retry_after` is honoured up to a few seconds; a longer one is
    left to the caller, who knows whether somebody waits.
    """
    if attempt > 1 or not failure.retriable:
        return None
    wait = _BASE_WAIT if failure.retry_after is None else failure.retry_after
    if wait > _LONGEST_WAIT or wait >= seconds_left:
        return None
    return wait + random.uniform(0, _BASE_WAIT)  # noqa: S311 - spreads the load, guards nothing


async def retrying(call: Callable[[], Awaitable[T]], *, seconds_left: Callable[[], float]) -> T:
    """Make a call that has no stream, once more if its failure may pass."""
    attempt = 1
    while True:
        try:
            return await call()
        except ProviderError as error:
            failure = error
        wait = wait_before_retry(failure, attempt=attempt, seconds_left=seconds_left())
        if wait is None:
            raise failure
        await asyncio.sleep(wait)
        attempt += 1
