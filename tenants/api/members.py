"""A tenant's members."""

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
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.exceptions import PermissionDeniedError
from tenants import exceptions
from tenants.api.people import MemberChangesSerializer, MemberQuery, MemberSerializer, RemovalQuery
from tenants.api_base import TenantAPIView
from tenants.models import Membership
from tenants.permissions import Capability
from tenants.selectors import within
from tenants.services import members

_ORDERINGS = ("-id", "id", "email", "-email")
_REFUSALS = (exceptions.CredentialError, PermissionDeniedError)
_UNKNOWN = (*_REFUSALS, exceptions.NoSuchMemberError)
_FORBIDDEN = (exceptions.RoleNotYoursToGiveError, exceptions.LastOwnerError)
_EXAMPLE: dict[str, Any] = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b9",
    "user_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "email": "ada@acme.example",
    "name": "Ada Lovelace",
    "role": "editor",
    "is_active": True,
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
}
_SHOWN = OpenApiExample("A member", value=_EXAMPLE, response_only=True, status_codes=[200])


class MembersView(ListModelMixin, TenantAPIView):
    """All members of the tenant."""

    serializer_class = MemberSerializer
    capabilities: ClassVar = {"GET": Capability.MEMBERS_READ}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> QuerySet[Membership]:
        """Those that are asked for."""
        return within.members_of(self.tenant, **serializers.checked_query(MemberQuery, self.request))

    @extend_schema(
        operation_id="members_list",
        tags=["members"],
        summary="List members",
        description="Deactivated ones included, unless `is_active` says otherwise. New ones are invited.",
        parameters=[MemberQuery, ordering_parameter(_ORDERINGS)],
        responses={200: MemberSerializer(many=True), **problems(400, errors=_REFUSALS)},
        examples=[_SHOWN],
    )
    def get(self, request: Request) -> Response:
        """The latest first, unless asked otherwise."""
        return self.list(request)


class MemberView(TenantAPIView):
    """One member."""

    serializer_class = MemberSerializer
    capabilities: ClassVar = {
        "GET": Capability.MEMBERS_READ,
        "PATCH": Capability.MEMBERS_WRITE,
        "DELETE": Capability.MEMBERS_WRITE,
    }

    @extend_schema(
        operation_id="members_read",
        tags=["members"],
        summary="Show a member",
        responses={200: MemberSerializer, **problems(errors=_UNKNOWN)},
        examples=[_SHOWN],
    )
    def get(self, request: Request, member_id: uuid.UUID) -> Response:
        """Give one member."""
        return self._shown(member_id)

    @extend_schema(
        operation_id="members_update",
        tags=["members"],
        summary="Change a member's role, or shut them out",
        description=(
            "Counts from the member's next request on. Nobody gives a role above their own, and only owners change "
            "owners; a tenant keeps one owner. Who is not `is_active` is shut out and stays on the list. Invitations "
            "and keys that the member may not give any more are taken back; `keys` says otherwise for the keys."
        ),
        request=MemberChangesSerializer,
        responses={
            200: MemberSerializer,
            **problems(400, errors=(*_UNKNOWN, *_FORBIDDEN, exceptions.MemberQuotaError, exceptions.KeysToNobodyError)),
        },
        examples=[
            OpenApiExample("Another role", value={"role": "editor"}, request_only=True),
            OpenApiExample("Shut out", value={"is_active": False}, request_only=True),
            _SHOWN,
        ],
    )
    def patch(self, request: Request, member_id: uuid.UUID) -> Response:
        """Change what is sent."""
        asked = serializers.checked_body(MemberChangesSerializer, request)
        member = within.member_by_id(self.tenant, member_id)
        with self.unchanged(member):
            members.change_member(by=self.actor, membership=member, **asked)
        return self._shown(member_id)

    @extend_schema(
        operation_id="members_delete",
        tags=["members"],
        summary="Remove a member",
        description=(
            "Takes the person off the list, and takes back the invitations that they sent. The keys that they made are "
            "revoked, or go over to you with `keys=keep`. What else they made stays; so do their other tenants."
        ),
        parameters=[RemovalQuery],
        responses={204: None, **problems(400, errors=(*_UNKNOWN, *_FORBIDDEN, exceptions.KeysToNobodyError))},
    )
    def delete(self, request: Request, member_id: uuid.UUID) -> Response:
        """Remove the member."""
        asked = serializers.checked_query(RemovalQuery, request)
        member = within.member_by_id(self.tenant, member_id)
        with self.unchanged(member):
            members.remove_member(by=self.actor, membership=member, **asked)
        return Response(status=204)

    def _shown(self, member_id: uuid.UUID) -> Response:
        member = within.member_by_id(self.tenant, member_id)
        return self.tagged(member, MemberSerializer(member).data)
