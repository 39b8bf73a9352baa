"""Answers whether the service can do its work: `GET /v1/health`, and to staff how everything stands."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core import proxies, serializers
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.openapi import problems
from chatcms.portal import condition
from tenants.api_base import PlatformAPIView
from tenants.exceptions import CredentialError

logger = logging.getLogger(__name__)


def health(request: HttpRequest) -> JsonResponse:
    """Return 200 when the database and the queue's store answer, else 503; says which, never why."""
    checks = {"database": _database_answers(), "redis": _redis_answers()}
    warnings = _warnings() if checks["redis"] else []
    well = all(checks.values())
    body: dict[str, Any] = {"status": "ok" if well else "degraded", "checks": checks, "warnings": warnings}
    return JsonResponse(body, status=200 if well else 503)


def _warnings() -> list[str]:
    """What an operator has to mend although everything answers; which address it is about only staff are told."""
    try:
        unread = proxies.attention()
    except (RedisError, OSError):
        return []
    about = "All clients count as one: see TRUSTED_PROXIES, and `manage.py condition` for what to set."
    return [about] if unread else []


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


class FindingSerializer(serializers.Serializer[Any]):
    """How one thing stands, in a sentence that says what to do."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field
    level = serializers.ChoiceField(choices=condition.LEVELS)
    text = serializers.CharField()


class ConditionSerializer(serializers.Serializer[Any]):
    """The worst of all, and each."""

    status = serializers.ChoiceField(choices=condition.LEVELS)
    findings = FindingSerializer(many=True)


class ConditionView(PlatformAPIView):
    """How the installation stands."""

    serializer_class = ConditionSerializer

    @extend_schema(
        operation_id="platform_condition",
        tags=["platform"],
        summary="Say how everything stands",
        description="What the start page of the admin shows; `manage.py condition` prints the same.",
        responses={200: ConditionSerializer, **problems(errors=(CredentialError, PermissionDeniedError))},
        examples=[
            OpenApiExample(
                "Well but for a backup",
                response_only=True,
                value={
                    "status": "attention",
                    "findings": [
                        {"key": "workers", "label": "Workers", "level": "ok", "text": "A worker was at work 2 s ago."},
                        {"key": "backup", "label": "Verified backup", "level": "attention", "text": "Never."},
                    ],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Look at everything."""
        found = condition.findings()
        shown = {"status": str(condition.worst(found)), "findings": found}
        return Response(ConditionSerializer(shown).data, headers={"Cache-Control": "no-store"})
