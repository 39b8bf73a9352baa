"""A tenant's invitations, as those see them who invite."""

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
from tenants import exceptions
from tenants.api.people import (
    InvitationQuery,
    InvitationSerializer,
    NewInvitationSerializer,
    SentInvitationSerializer,
)
from tenants.api_base import TenantAPIView
from tenants.models import Invitation
from tenants.permissions import Capability
from tenants.selectors import within
from tenants.services import invitations

_REFUSALS = (exceptions.CredentialError, PermissionDeniedError)
_UNKNOWN = (*_REFUSALS, exceptions.NoSuchInvitationError)
_SENDING = (exceptions.RoleNotYoursToGiveError, exceptions.MemberQuotaError, exceptions.TooManyAttemptsError)
_EXAMPLE: dict[str, Any] = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4ba",
    "email": "grace@acme.example",
    "role": "editor",
    "state": "open",
    "invited_by": "ada@acme.example",
    "expires_at": "2026-02-07T09:30:00Z",
    "accepted_at": None,
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
}
_LINKED = {**_EXAMPLE, "link": ""}
_SHOWN = OpenApiExample("An invitation", value=_EXAMPLE, response_only=True, status_codes=[200])


class InvitationsView(ListModelMixin, TenantAPIView):
    """All invitations of the tenant, and new ones."""

    serializer_class = InvitationSerializer
    capabilities: ClassVar = {"GET": Capability.MEMBERS_READ, "POST": Capability.MEMBERS_WRITE}

    def get_queryset(self) -> QuerySet[Invitation]:
        """Those that are asked for."""
        return within.invitations_of(self.tenant, **serializers.checked_query(InvitationQuery, self.request))

    @extend_schema(
        operation_id="invitations_list",
        tags=["members"],
        summary="List invitations",
        parameters=[InvitationQuery],
        responses={200: InvitationSerializer(many=True), **problems(400, errors=_REFUSALS)},
        examples=[_SHOWN],
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="invitations_create",
        tags=["members"],
        summary="Invite somebody",
        description=(
            "Mails a link that is good once and for seven days. Whoever has it is taken for the reader of the mailbox, "
            "so it goes by mail only. Where no mail server is set up, the answer shows it, this once, and the account "
            "that is made with it stays unproven. Nobody gives a role above their own."
        ),
        request=NewInvitationSerializer,
        responses={
            201: SentInvitationSerializer,
            **problems(
                400,
                503,
                errors=(*_REFUSALS, *_SENDING, exceptions.AlreadyMemberError, exceptions.AlreadyInvitedError),
            ),
        },
        examples=[
            OpenApiExample("An editor", value={"email": "grace@acme.example", "role": "editor"}, request_only=True),
            OpenApiExample("The invitation", value=_LINKED, response_only=True, status_codes=[201]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Invite the person."""
        asked = serializers.checked_body(NewInvitationSerializer, request)
        invitation, token = invitations.create_invitation(by=self.actor, tenant=self.tenant, **asked)
        return _linked(invitation, token, 201)


class InvitationView(TenantAPIView):
    """One invitation."""

    serializer_class = InvitationSerializer
    capabilities: ClassVar = {"GET": Capability.MEMBERS_READ, "DELETE": Capability.MEMBERS_WRITE}

    @extend_schema(
        operation_id="invitations_read",
        tags=["members"],
        summary="Show an invitation",
        responses={200: InvitationSerializer, **problems(errors=_UNKNOWN)},
        examples=[_SHOWN],
    )
    def get(self, request: Request, invitation_id: uuid.UUID) -> Response:
        """Give one invitation, without its link."""
        invitation = within.invitation_by_id(self.tenant, invitation_id)
        return self.tagged(invitation, InvitationSerializer(invitation).data)

    @extend_schema(
        operation_id="invitations_delete",
        tags=["members"],
        summary="Revoke an invitation",
        description="Its link is good for nothing any more.",
        responses={
            204: None,
            **problems(errors=(*_UNKNOWN, exceptions.RoleNotYoursToGiveError, exceptions.InvitationUsedError)),
        },
    )
    def delete(self, request: Request, invitation_id: uuid.UUID) -> Response:
        """Revoke the invitation."""
        invitation = within.invitation_by_id(self.tenant, invitation_id)
        with self.unchanged(invitation):
            invitations.revoke_invitation(by=self.actor, invitation=invitation)
        return Response(status=204)


class InvitationResendView(TenantAPIView):
    """The mail of one invitation."""

    serializer_class = SentInvitationSerializer
    capabilities: ClassVar = {"POST": Capability.MEMBERS_WRITE}

    @extend_schema(
        operation_id="invitations_resend",
        tags=["members"],
        summary="Send an invitation again",
        description="With a new link for another seven days; the old one is good for nothing any more.",
        request=None,
        responses={
            200: SentInvitationSerializer,
            **problems(503, errors=(*_UNKNOWN, *_SENDING, exceptions.InvitationUsedError)),
        },
        examples=[OpenApiExample("The invitation", value=_LINKED, response_only=True, status_codes=[200])],
    )
    def post(self, request: Request, invitation_id: uuid.UUID) -> Response:
        """Send the mail again."""
        invitation = within.invitation_by_id(self.tenant, invitation_id)
        token = invitations.resend_invitation(by=self.actor, invitation=invitation)
        return _linked(invitation, token, 200)


def _linked(invitation: Invitation, token: str, status: int) -> Response:
    shown = {**InvitationSerializer(invitation).data, "link": invitations.link_to_show(invitation, token)}
    return Response(shown, status=status, headers={"Cache-Control": "no-store"})
