"""Answers whether the service can do its work: `GET /v1/health`."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def health(request: HttpRequest) -> JsonResponse:
    """Return 200 when the database and the queue's store answer, else 503; says which, never why."""
    checks = {"database": _database_answers(), "redis": _redis_answers()}
    well = all(checks.values())
    body: dict[str, Any] = {"status": "ok" if well else "degraded", "checks": checks}
    return JsonResponse(body, status=200 if well else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("The database does not answer: %s", type(error).__name__)
        return False
    return True


def _redis_answers() -> bool:
    try:
        caches["global"].get("health")
    except (RedisError, OSError) as error:
        logger.warning("Redis does not answer: %s", type(error).__name__)
        return False
    return True
