"""A tenant's audit log: who did what to which thing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout
from tenants import selectors
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.models import AuditEvent
from tenants.permissions import Capability
from tenants.services import auditing

_REFUSALS = (CredentialError, PermissionDeniedError)
_FIELDS = (
    *("id", "at", "action", "actor_type", "actor_id", "actor_label", "target_type", "target_id", "target_label"),
    *("detail", "grant_id", "request_id"),
)
_EXAMPLE: dict[str, Any] = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4c2",
    "at": "2026-01-31T09:30:00Z",
    "action": "member.change_role",
    "actor_type": "user",
    "actor_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "actor_label": "ada@acme.example",
    "target_type": "user",
    "target_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b7",
    "target_label": "grace@acme.example",
    "detail": {"role": "editor"},
    "grant_id": None,
    "request_id": "0192f0c1a2b37c4d8e5f60718293a4b5",
}


class AuditSerializer(serializers.ModelSerializer[AuditEvent]):
    """One line of the audit log; `grant_id` is the leave under which the platform's staff acted."""

    class Meta:
        model = AuditEvent
        fields = _FIELDS
        read_only_fields = fields
        help_texts = {
            "action": "What was done, as `thing.verb`.",
            "actor_id": "The user or key that did it; null for the product itself, and for whoever was not known.",
            "actor_label": "What they were called then.",
            "actor_type": "What kind of caller did it: `user`, `api_key`, `staff`, `visitor`, `system` or `anonymous`.",
            "at": "When it was done.",
            "detail": "What else there is to know of it, as an object; its members depend on `action`.",
            "grant_id": "The grant under which one of the platform's staff did it; null otherwise.",
            "request_id": "The id of the request that did it; empty when none did.",
            "target_id": "The id of what it was done to; empty when there is none.",
            "target_label": "What that was called then.",
            "target_type": "What kind of thing it was done to; empty when there is none.",
        }


class AuditQuery(serializers.Serializer[Any]):
    """Narrows down the audit log."""

    action = serializers.CharField(max_length=80, required=False, help_text="An action, or how it begins: `member.`")
    actor_type = serializers.ChoiceField(
        choices=["user", "api_key", "visitor", "staff", "system", "anonymous"], required=False, help_text="What acted."
    )
    actor_id = serializers.UUIDField(required=False, help_text="Who acted: the id of a user or API key.")
    target_type = serializers.CharField(max_length=60, required=False, help_text="What it was done to: `bot`.")
    target_id = serializers.CharField(max_length=60, required=False, help_text="The id of what it was done to.")
    since = serializers.DateTimeField(required=False, help_text="From this moment on (ISO 8601).")
    until = serializers.DateTimeField(required=False, help_text="Before this moment (ISO 8601).")


class AuditView(ListModelMixin, TenantAPIView):
    """The audit log of the tenant."""

    serializer_class = AuditSerializer
    capabilities: ClassVar = {"GET": Capability.AUDIT_READ}

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """The lines that are asked for."""
        asked = serializers.checked_query(AuditQuery, self.request)
        return selectors.audit_lines(tenant_id=self.tenant.id, **asked)

    @extend_schema(
        operation_id="audit_list",
        tags=["audit"],
        summary="Read the audit log",
        description="Nothing is ever changed or deleted here: the database itself refuses.",
        parameters=[AuditQuery],
        responses={200: AuditSerializer(many=True), **problems(400, errors=_REFUSALS)},
        examples=[OpenApiExample("A line", value=_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """The latest first."""
        return self.list(request)


class AuditCsvView(TenantAPIView):
    """The audit log of the tenant, as a table."""

    capabilities: ClassVar = {"GET": Capability.AUDIT_READ}
    pagination_class = None

    @extend_schema(
        operation_id="audit_csv",
        tags=["audit"],
        summary="Read the audit log, as CSV",
        description="All that fits, the latest first. The file is made while it is read: a break in it shows by the "
        "connection's end, not by the status.",
        parameters=[AuditQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(str, description="A line for each line of the log."),
            **problems(400, errors=_REFUSALS),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Give the lines as CSV."""
        asked = serializers.checked_query(AuditQuery, request)
        return StreamingHttpResponse(
            _headed(auditing.exported(tenant=self.tenant, where=asked, encode=_encoded)),
            content_type=csvout.CONTENT_TYPE,
            headers={HEADER: attachment("audit.csv"), "Cache-Control": "no-store"},
        )


async def _headed(pages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield csvout.document([_FIELDS])
    async for page in pages:
        yield page


def _encoded(lines: Sequence[AuditEvent]) -> bytes:
    return csvout.encoded([_cell(getattr(line, name)) for name in _FIELDS] for line in lines)


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value.isoformat() if hasattr(value, "isoformat") else value
