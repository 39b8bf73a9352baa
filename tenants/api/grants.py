"""The platform's staff in a tenant, as the tenant sees and ends it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from tenants import selectors
from tenants.api_base import TenantAPIView
from tenants.enums import GrantRole, GrantState
from tenants.exceptions import CredentialError, GrantClosedError, NoSuchGrantError
from tenants.models import AccessGrant
from tenants.permissions import Capability
from tenants.services import grants

_REFUSALS = (CredentialError, PermissionDeniedError)
_GRANT = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4c1",
    "staff": "sam@platform.example",
    "role": "viewer",
    "reason": "Ticket 4711: answers without sources",
    "minutes": 60,
    "state": "active",
    "approved_by": "ada@acme.example",
    "created_at": "2026-01-31T09:30:00Z",
    "starts_at": "2026-01-31T09:41:00Z",
    "ends_at": "2026-01-31T10:41:00Z",
    "closed_at": None,
    "closed_by": "",
}


class AccessGrantSerializer(serializers.ModelSerializer[AccessGrant]):
    """Leave for one member of the platform's staff to enter the tenant for a time."""

    staff = serializers.CharField(source="staff.email", read_only=True, help_text="Whose leave it is.")
    role = serializers.ChoiceField(
        choices=GrantRole.choices, read_only=True, help_text="What may be done with it, as a member of this role may."
    )
    state = serializers.ChoiceField(choices=GrantState.choices, read_only=True, help_text="Whether it can be used.")
    approved_by = serializers.CharField(
        source="approved_by.email",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="The owner who said yes; null where the tenant lets staff in without being asked.",
    )

    class Meta:
        model = AccessGrant
        fields = [
            "id", "staff", "role", "reason", "minutes", "state", "approved_by", "created_at", "starts_at", "ends_at",
            "closed_at", "closed_by",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "closed_at": "When it was ended before its time, or declined; null otherwise.",
            "closed_by": "Who ended or declined it; empty if nobody.",
            "ends_at": "When it ends by itself; null while an owner has not approved it.",
            "minutes": "For how long it was asked.",
            "reason": "What whoever asked for it gave as the reason.",
            "starts_at": "When it began; null while an owner has not approved it.",
        }


class AccessGrantsView(ListModelMixin, TenantAPIView):
    """All grants, past and present."""

    serializer_class = AccessGrantSerializer
    capabilities: ClassVar = {"GET": Capability.ACCESS_GRANTS_READ}

    def get_queryset(self) -> QuerySet[AccessGrant]:
        """The caller's tenant's only."""
        return selectors.access_grants_of(self.tenant.pk)

    @extend_schema(
        operation_id="access_grants_list",
        tags=["access grants"],
        summary="List when the platform's staff may enter",
        description=(
            "Platform staff enter a tenant only under a grant: asked for with a reason, at most 8 hours long. What "
            "they do meanwhile stands in the audit log with the `grant_id`."
        ),
        responses={200: AccessGrantSerializer(many=True), **problems(errors=_REFUSALS)},
        examples=[OpenApiExample("A grant", value=_GRANT, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """The latest first."""
        return self.list(request)


class _GrantActView(TenantAPIView):
    serializer_class = AccessGrantSerializer

    def _grant(self, grant_id: uuid.UUID) -> AccessGrant:
        return selectors.access_grant_of(self.tenant.pk, grant_id)

    def _shown(self, grant: AccessGrant) -> Response:
        data: Any = AccessGrantSerializer(self._grant(grant.pk)).data
        return Response(data)


class AccessGrantApproveView(_GrantActView):
    """Letting staff in."""

    capabilities: ClassVar = {"POST": Capability.ACCESS_GRANTS_APPROVE}

    @extend_schema(
        operation_id="access_grants_approve",
        tags=["access grants"],
        summary="Let a member of the platform's staff in",
        description="From now on, for the minutes asked for. Only owners, in person: no API key may.",
        request=None,
        responses={
            200: AccessGrantSerializer,
            **problems(errors=(*_REFUSALS, NoSuchGrantError, GrantClosedError)),
        },
        examples=[OpenApiExample("The grant", value=_GRANT, response_only=True, status_codes=[200])],
    )
    def post(self, request: Request, grant_id: uuid.UUID) -> Response:
        """Approve the request."""
        grant = self._grant(grant_id)
        grants.approve(by=self.actor, grant=grant)
        return self._shown(grant)


class AccessGrantRevokeView(_GrantActView):
    """Having staff leave."""

    capabilities: ClassVar = {"POST": Capability.ACCESS_GRANTS_REVOKE}

    @extend_schema(
        operation_id="access_grants_revoke",
        tags=["access grants"],
        summary="End a grant, or turn a request down",
        description="From the next page on the member of staff is out.",
        request=None,
        responses={
            200: AccessGrantSerializer,
            **problems(errors=(*_REFUSALS, NoSuchGrantError, GrantClosedError)),
        },
        examples=[
            OpenApiExample(
                "The grant",
                value={
                    **_GRANT, "state": "revoked", "closed_at": "2026-01-31T09:50:00Z", "closed_by": "ada@acme.example",
                },
                response_only=True,
                status_codes=[200],
            )
        ],
    )  # fmt: skip
    def post(self, request: Request, grant_id: uuid.UUID) -> Response:
        """End it."""
        grant = self._grant(grant_id)
        grants.close(by=self.actor, grant=grant)
        return self._shown(grant)
