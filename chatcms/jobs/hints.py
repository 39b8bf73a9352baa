"""Publishes hints over Celery: "there may be work", nothing more, and never at the caller's expense."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from chatcms.jobs.broker import app

logger = logging.getLogger(__name__)

RUN_NEXT = "chatcms.jobs.run_next"
DISPATCH_DUE = "chatcms.jobs.dispatch_due"


def publish(queue: str) -> bool:
    """Send one hint; False when the broker cannot be reached (it is sent again later)."""
    return _send(RUN_NEXT, args=[queue], queue=queue)


def ask_to_dispatch() -> bool:
    """Ask any worker to look for due jobs; the message is worth nothing once the next one is due."""
    return _send(DISPATCH_DUE, expires=settings.JOB_TICK_SECONDS)


def _send(task: str, **options: Any) -> bool:
    try:
        app.send_task(task, retry=False, ignore_result=True, **options)
    except (KombuError, RedisError, OSError) as error:
        logger.warning("The broker is away, work waits in PostgreSQL: %s", type(error).__name__)
        return False
    return True
