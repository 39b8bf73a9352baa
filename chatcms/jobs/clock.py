"""Has each worker look for due jobs every few seconds, from its own process.

The scheduler does so too; a worker of its own accord keeps jobs moving while the scheduler is being restarted.
"""

from __future__ import annotations

from typing import Any

from celery import Celery, bootsteps
from celery.signals import beat_embedded_init, beat_init
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
    """Give every worker of the application a clock, and have a scheduler that begins noted."""
    app.steps["worker"].add(Clock)
    beat_init.connect(_scheduler_begins)
    beat_embedded_init.connect(_scheduler_begins)


def _scheduler_begins(**_: Any) -> None:
    from chatcms.jobs import periodic  # late: models can be read only once Django is ready

    periodic.watch_from_now()
