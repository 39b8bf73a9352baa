"""The workers' sign of life, where every process of the installation can read it."""

from __future__ import annotations

import time

from django.core.cache import caches
from redis.exceptions import RedisError

_KEY = "workers-seen"
_KEPT_SECONDS = 7 * 24 * 3600


def beat() -> None:
    """Note that a worker is at work; without Redis nobody could read it either."""
    try:
        caches["global"].set(_KEY, time.time(), timeout=_KEPT_SECONDS)
    except (RedisError, OSError):
        return


def seconds_since() -> float | None:
    """Return how long ago a worker was at work, None when none was seen; raises what Redis raises when it is away."""
    seen = caches["global"].get(_KEY)
    return None if seen is None else max(time.time() - float(seen), 0.0)
