"""What the platform's staff ask of a tenant that is in use: to take somebody in, or to give a higher role."""

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
from tenants import exceptions, selectors
from tenants.api_base import TenantAPIView
from tenants.enums import RequestState, Role
from tenants.models import MemberRequest
from tenants.permissions import Capability
from tenants.services import requests

_REFUSALS = (exceptions.CredentialError, PermissionDeniedError)
_ANSWERED = (*_REFUSALS, exceptions.NoSuchRequestError, exceptions.RequestAnsweredError)
_REQUEST = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4c7",
    "email": "grace@acme.example",
    "name": "Grace Hopper",
    "role": "owner",
    "state": "waiting",
    "asked_by": "sam@platform.example",
    "created_at": "2026-01-31T09:30:00Z",
    "lapses_at": "2026-02-14T09:30:00Z",
    "answered_at": None,
    "answered_by": "",
}


class MemberRequestSerializer(serializers.ModelSerializer[MemberRequest]):
    """That staff want a person to have a role in the tenant."""

    email = serializers.EmailField(source="user.email", read_only=True, help_text="Whom staff ask for.")
    name = serializers.CharField(
        source="user.name", read_only=True, help_text="What that person is called; may be empty."
    )
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="The role that they are to have.")
    state = serializers.ChoiceField(
        choices=RequestState.choices, read_only=True, help_text="Whether it can be answered."
    )
    asked_by = serializers.CharField(read_only=True, help_text="Who of the platform's staff asks.")
    lapses_at = serializers.DateTimeField(read_only=True, help_text="Nobody can answer it from then on.")
    answered_by = serializers.CharField(read_only=True, help_text="The owner who answered; empty while nobody has.")

    class Meta:
        model = MemberRequest
        fields = [
            "id", "email", "name", "role", "state", "asked_by", "created_at", "lapses_at", "answered_at", "answered_by",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "answered_at": "When an owner answered; null while nobody has.",
        }


class MemberRequestQuery(serializers.Serializer[Any]):
    """Narrows down the requests."""

    state = serializers.ChoiceField(
        choices=RequestState.choices, required=False, help_text="Only requests in this state."
    )


class MemberRequestsView(ListModelMixin, TenantAPIView):
    """All requests, answered or not."""

    serializer_class = MemberRequestSerializer
    capabilities: ClassVar = {"GET": Capability.MEMBER_REQUESTS_READ}

    def get_queryset(self) -> QuerySet[MemberRequest]:
        """The caller's tenant's only."""
        asked = serializers.checked_query(MemberRequestQuery, self.request)
        return selectors.member_requests_of(self.tenant.pk, **asked)

    @extend_schema(
        operation_id="member_requests_list",
        tags=["members"],
        summary="List whom the platform's staff ask you to take in",
        description=(
            "Once a tenant has an owner, staff add nobody and raise nobody's role: they ask, all owners get a mail, "
            "and nothing happens until one of them approves. A request that nobody answers lapses after 14 days."
        ),
        parameters=[MemberRequestQuery],
        responses={200: MemberRequestSerializer(many=True), **problems(400, errors=_REFUSALS)},
        examples=[OpenApiExample("A request", value=_REQUEST, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """The latest first."""
        return self.list(request)


def _answered_example(state: str) -> OpenApiExample:
    answer = {"state": state, "answered_at": "2026-01-31T10:02:00Z", "answered_by": "ada@acme.example"}
    return OpenApiExample("The request", value=_REQUEST | answer, response_only=True, status_codes=[200])


class _MemberRequestActView(TenantAPIView):
    serializer_class = MemberRequestSerializer
    capabilities: ClassVar = {"POST": Capability.MEMBER_REQUESTS_ANSWER}

    def _request(self, request_id: uuid.UUID) -> MemberRequest:
        return selectors.member_request_of(self.tenant.pk, request_id)

    def _shown(self, request_id: uuid.UUID) -> Response:
        data: Any = MemberRequestSerializer(self._request(request_id)).data
        return Response(data)


class MemberRequestApproveView(_MemberRequestActView):
    """Saying yes."""

    @extend_schema(
        operation_id="member_requests_approve",
        tags=["members"],
        summary="Give the person the role that staff ask for",
        description=(
            "Counts from the person's next request on. Only owners, in person: no API key may, and nobody approves "
            "their own role."
        ),
        request=None,
        responses={
            200: MemberRequestSerializer,
            **problems(errors=(*_ANSWERED, exceptions.MemberQuotaError, exceptions.MailboxUnprovenError)),
        },
        examples=[_answered_example("approved")],
    )
    def post(self, request: Request, request_id: uuid.UUID) -> Response:
        """Approve it."""
        requests.approve(by=self.actor, request=self._request(request_id))
        return self._shown(request_id)


class MemberRequestDeclineView(_MemberRequestActView):
    """Saying no."""

    @extend_schema(
        operation_id="member_requests_decline",
        tags=["members"],
        summary="Turn down what staff ask for",
        description="Nothing changes. Only owners, in person, and nobody whom the request is about.",
        request=None,
        responses={200: MemberRequestSerializer, **problems(errors=_ANSWERED)},
        examples=[_answered_example("declined")],
    )
    def post(self, request: Request, request_id: uuid.UUID) -> Response:
        """Turn it down."""
        requests.decline(by=self.actor, request=self._request(request_id))
        return self._shown(request_id)
