"""The threads that synchronous code of requests runs in: few, shared, and never keeping a database connection.

Django gives each request a thread of its own for as long as it lasts: a hundred streamed answers are a hundred
idle threads, and a connection that one of them forgot is gone for that long. Here every synchronous step of any
request borrows one of a few threads for just that step, and the connection goes back to the pool at its end.
Which tenant is in force follows the request by a ContextVar, not the thread, so nothing can be left over.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings
from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")


class SharedThreads(ThreadPoolExecutor):
    """A pool whose threads give their database connections back after every piece of work."""

    def __init__(self, threads: int) -> None:
        super().__init__(max_workers=threads, thread_name_prefix="sync")
        self._context = ThreadSensitiveContext()
        # Not entered with `async with`: it belongs to no task and ends with the process.
        SyncToAsync.context_to_thread_executor[self._context] = self

    def use_here(self) -> None:
        """Let `sync_to_async` use these threads from here on, in this task and those it starts."""
        SyncToAsync.thread_sensitive_context.set(self._context)

    def submit(self, work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Do `work` in one of the threads."""
        return super().submit(_then_release, work, *args, **kwargs)


def _then_release(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return work(*args, **kwargs)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()


def shared_threads() -> SharedThreads:
    """Make the pool of this process, of the size that is set."""
    return SharedThreads(settings.WEB_THREADS)
