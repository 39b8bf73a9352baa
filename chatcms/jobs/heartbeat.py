"""The signs of life of workers and scheduler, where every process of the installation can read them."""

from __future__ import annotations

import time
import uuid

from django.core.cache import caches
from redis.exceptions import RedisError

WORKERS = "workers"
SCHEDULER = "scheduler"
_KEPT_SECONDS = 7 * 24 * 3600


def beat(who: str = WORKERS) -> None:
    """Note that a worker, or the scheduler, is at work; without Redis nobody could read it either."""
    try:
        caches["global"].set(f"{who}-seen", time.time(), timeout=_KEPT_SECONDS)
    except (RedisError, OSError):
        return


def seconds_since(who: str = WORKERS) -> float | None:
    """Return how long ago it was at work, None when it was never seen; raises what Redis raises when it is away."""
    seen = caches["global"].get(f"{who}-seen")
    return None if seen is None else max(time.time() - float(seen), 0.0)


def mark() -> str:
    """Return what marks the present life of Valkey's data: another value says that all it held was lost between.

    Raises what Redis raises when it is away.
    """
    cache = caches["global"]
    cache.add("mark", uuid.uuid4().hex, timeout=None)
    return str(cache.get("mark", ""))
