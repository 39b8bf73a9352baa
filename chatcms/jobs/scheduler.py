"""The scheduler: Celery's own, with signs of life, and one line in the log when the broker goes and comes back."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError

from chatcms.jobs import heartbeat
from chatcms.runtime.paths import layout
from chatcms.runtime.sign import SCHEDULER, show

logger = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """Asks for what is due; a message that cannot be sent is not sent later, since its task is asked for again."""

    _is_cut_off = False

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Ask for what is due, and show that the scheduler runs."""
        show(layout().run, SCHEDULER, os.getpid())
        heartbeat.beat(heartbeat.SCHEDULER)
        return super().tick(*args, **kwargs)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Ask for one task."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            if not self._is_cut_off:
                logger.error("The scheduler cannot reach the broker: %s", type(error.__cause__ or error).__name__)  # noqa: TRY400
            self._is_cut_off = True
        else:
            if self._is_cut_off:
                logger.warning("The scheduler reaches the broker again.")
            self._is_cut_off = False
