"""Has each worker look for due jobs every few seconds, from its own process.

Beat does so too, but a beat inside a worker is a child that the worker never starts again: once it was killed,
jobs whose hint or worker was lost would wait until somebody restarted the worker.
"""

from __future__ import annotations

from typing import Any

from celery import Celery, bootsteps
from django.conf import settings

from chatcms.jobs import hints


class Clock(bootsteps.StartStopStep):
    """Asks for `dispatch_due` as long as the worker runs; two that ask at once do no harm."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **_: Any) -> None:
        self._timer: Any = None

    def start(self, worker: Any) -> None:
        """Begin with the worker."""
        self._timer = worker.timer.call_repeatedly(settings.JOB_TICK_SECONDS, hints.ask_to_dispatch)

    def stop(self, worker: Any) -> None:
        """End with the worker."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def install(app: Celery) -> None:
    """Give every worker of the application a clock."""
    app.steps["worker"].add(Clock)
