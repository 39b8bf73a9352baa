"""Limits how fast callers ask: any number of limits at once, decided by one atomic script in Redis.

Each limit is a leaky bucket (the generic cell rate algorithm): the whole quota may be used at once, and comes back
evenly over the window. Either every bucket has room and all are charged, or none is. Redis' own clock is used, so
that web processes need not agree on the time.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

NAMESPACE = "rate"
TIMEOUT_SECONDS = 1.0
# For how long a Redis that did not answer is not asked again: limits must not slow everything down.
PAUSE_SECONDS = 5.0

_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local full, answer, allowed = {}, {}, 1
for i, key in ipairs(KEYS) do
    local window = ARGV[2 * i] * 1000
    local interval = window / ARGV[2 * i - 1]
    local before = math.max(tonumber(redis.call('GET', key)) or now, now)
    full[i] = before + interval
    local wait = full[i] - now - window
    if wait > interval / 2 then
        allowed = 0
        full[i] = before
    else
        wait = 0
    end
    local left = math.floor((now + window - full[i]) / interval + 0.5)
    answer[i] = { left, math.ceil(full[i] - now), math.ceil(wait) }
end
if allowed == 1 then
    for i, key in ipairs(KEYS) do
        redis.call('SET', key, string.format('%.4f', full[i]), 'PX', math.max(1, math.ceil(full[i] - now)))
    end
end
return { allowed, answer }
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most `quota` requests in `window` seconds of whoever `key` names; `name` is what callers are told."""

    name: str
    key: str
    quota: int
    window: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on, in how many seconds to ask again if not, and the headers that say so."""

    allowed: bool = True
    retry_after: int = 0
    headers: dict[str, str] = field(default_factory=dict)


_paused_until = 0.0


def take(buckets: Sequence[Bucket]) -> Verdict:
    """Charge every bucket with one request, or none when one of them is full; one round trip.

    When Redis is away requests go on uncounted, and Redis is not asked for `PAUSE_SECONDS`.
    """
    global _paused_until  # noqa: PLW0603 - one for the process: whether Redis answers is nobody's own matter
    if not buckets or time.monotonic() < _paused_until:
        return Verdict()
    keys = [f"{NAMESPACE}:{bucket.key}" for bucket in buckets]
    numbers = [number for bucket in buckets for number in (bucket.quota, bucket.window)]
    try:
        allowed, answer = _script(settings.REDIS_URL)(keys=keys, args=numbers)
    except (RedisError, OSError) as error:
        _paused_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("Requests are not counted while Redis does not answer: %s", type(error).__name__)
        return Verdict()
    return _verdict(bool(allowed), buckets, answer)


@lru_cache(maxsize=4)
def _script(url: str) -> Script:
    # One pool for all threads, made anew by redis-py after a fork. Django's cache would make one for each request.
    client = Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),  # a connection that Redis' restart has ended costs no request
    )
    return client.register_script(_SCRIPT)


def _verdict(allowed: bool, buckets: Sequence[Bucket], answer: list[list[int]]) -> Verdict:
    # The tightest: of those that are full the one to wait for longest, else the one with the least left.
    index = max(range(len(buckets)), key=lambda i: (answer[i][2], -answer[i][0]))
    left, reset, wait = answer[index]
    policies = (f'"{bucket.name}";q={bucket.quota};w={bucket.window}' for bucket in buckets)
    headers = {
        "RateLimit-Policy": ", ".join(policies),
        "RateLimit": f'"{buckets[index].name}";r={max(left, 0)};t={math.ceil(reset / 1000)}',
    }
    return Verdict(allowed, 0 if allowed else max(1, math.ceil(wait / 1000)), headers)
