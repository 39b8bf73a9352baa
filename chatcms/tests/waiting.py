"""The one place where tests wait: for a condition, with the patience that a busy machine needs.

A wait lasts until its condition is true. Only a test that fails waits for all of `PATIENCE_SECONDS`, so it is long.
A test that nothing more happens has no condition to wait for: `settle` gives a late event its time, and says so.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from playwright.sync_api import Page


T = TypeVar("T")

PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.02
_SETTLE_SECONDS = 0.3


def wait_until(condition: Callable[[], T], what: str = "the condition", *, seconds: float = PATIENCE_SECONDS) -> T:
    """Return the first true value of `condition`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds:g} s"
        time.sleep(_PAUSE_SECONDS)
    return found


@overload
async def until(condition: Callable[[], Awaitable[T | None]], what: str = ..., *, seconds: float = ...) -> T: ...
@overload
async def until(condition: Callable[[], T | None], what: str = ..., *, seconds: float = ...) -> T: ...
async def until(condition: Callable[[], Any], what: str = "the condition", *, seconds: float = PATIENCE_SECONDS) -> Any:
    """Do as `wait_until` while the event loop goes on; `condition` may be a coroutine function."""
    deadline = time.monotonic() + seconds
    while not (found := await _value_of(condition)):
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds:g} s"
        await asyncio.sleep(_PAUSE_SECONDS)
    return found


def until_shown(page: Page, condition: Callable[[], T], what: str = "the condition") -> T:
    """Do as `wait_until` while the page's events go on reaching the test."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true in {PATIENCE_SECONDS:g} s"
        page.wait_for_timeout(1000 * _PAUSE_SECONDS)
    return found


async def settle(seconds: float = _SETTLE_SECONDS) -> None:
    """Give what must not happen the time to happen."""
    await asyncio.sleep(seconds)


def settle_page(page: Page, seconds: float = _SETTLE_SECONDS) -> None:
    """Give a page the time to do what it must not do."""
    page.wait_for_timeout(1000 * seconds)


async def delay(seconds: float) -> None:
    """Be slow, as the other side of a test's connection."""
    await asyncio.sleep(seconds)


async def _value_of(condition: Callable[[], Any]) -> Any:
    found = condition()
    return await found if inspect.isawaitable(found) else found
