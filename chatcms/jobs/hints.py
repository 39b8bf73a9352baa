"""Publishes hints over Celery: "there may be work", nothing more, and never at the caller's expense."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

RUN_NEXT = "chatcms.jobs.run_next"


def publish(queue: str) -> bool:
    """Send one hint; False when the broker cannot be reached (beat will send it later)."""
    try:
        current_app.send_task(RUN_NEXT, args=[queue], queue=queue, retry=False, ignore_result=True)
    except (KombuError, RedisError, OSError) as error:
        logger.warning("The broker is away, work waits in PostgreSQL: %s", type(error).__name__)
        return False
    return True
