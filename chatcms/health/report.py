"""Tells staff how everything stands; what everybody may ask, `chatcms.health.door` answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.portal import condition
from tenants.api_base import PlatformAPIView
from tenants.exceptions import CredentialError


class FindingSerializer(serializers.Serializer[Any]):
    """How one thing stands, in a sentence that says what to do."""

    key = serializers.CharField(help_text="What was looked at; stable.")
    label = serializers.CharField(help_text="What was looked at, in words.")  # type: ignore[assignment]  # a field
    level = serializers.ChoiceField(choices=condition.LEVELS, help_text="How bad it is.")
    text = serializers.CharField(help_text="What there is to say about it, in a sentence.")


class ConditionSerializer(serializers.Serializer[Any]):
    """The worst of all, and each."""

    status = serializers.ChoiceField(choices=condition.LEVELS, help_text="The worst of the findings.")
    findings = FindingSerializer(many=True, help_text="What was looked at, and how it is.")


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
