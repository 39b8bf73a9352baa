"""Who one is, and where one belongs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from tenants import selectors
from tenants.api.auth.serializers import CallerSerializer, OwnChangesSerializer, OwnMembershipSerializer
from tenants.api.auth.tokens import EXAMPLE_TENANT
from tenants.api_base import CallerAPIView
from tenants.authentication import Principal
from tenants.exceptions import CredentialError
from tenants.models import Membership, User
from tenants.permissions import Capability, DenyUnlessDeclared
from tenants.services import people

_EXAMPLE: dict[str, Any] = {
    "type": "user",
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "label": "ada@acme.example",
    "name": "Ada Lovelace",
    "tenant": EXAMPLE_TENANT,
    "role": "owner",
    "scopes": [],
    "bot_ids": None,
    "dataset_ids": None,
}
_REFUSALS = (CredentialError, PermissionDeniedError)


class CallerView(CallerAPIView):
    """Tells callers who they are; people may change what is theirs."""

    serializer_class = CallerSerializer
    pagination_class = None
    capabilities: ClassVar = {"PATCH": Capability.SELF}

    def get_permissions(self) -> list[Any]:
        """Everybody may ask; only people have something of their own to change."""
        return [IsAuthenticated() if self.request.method in {"GET", "HEAD", "OPTIONS"} else DenyUnlessDeclared()]

    @extend_schema(
        operation_id="auth_me",
        tags=["auth"],
        summary="Who am I",
        responses={200: CallerSerializer, **problems(errors=(CredentialError,))},
        examples=[OpenApiExample("A member", value=_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return the caller, the tenant, and the role or scopes."""
        person = selectors.person_of(self.actor)
        return Response(_shown(self.principal)) if person is None else self._tagged(person)

    @extend_schema(
        operation_id="auth_me_update",
        tags=["auth"],
        summary="Change one's own name",
        request=OwnChangesSerializer,
        responses={200: CallerSerializer, **problems(400, errors=_REFUSALS)},
        examples=[
            OpenApiExample("A name", value={"name": "Ada Lovelace"}, request_only=True),
            OpenApiExample("A member", value=_EXAMPLE, response_only=True, status_codes=[200]),
        ],
    )
    def patch(self, request: Request) -> Response:
        """Change what is sent."""
        asked = serializers.checked_body(OwnChangesSerializer, request)
        person = selectors.own_account(self.actor)
        with self.unchanged(person):
            person = people.change_own(by=self.actor, **asked)
        return self._tagged(person)

    def _tagged(self, person: User) -> Response:
        return self.tagged(person, _shown(self.principal, name=person.name))


class OwnMembershipsView(ListModelMixin, CallerAPIView):
    """The tenants of whoever asks."""

    serializer_class = OwnMembershipSerializer
    capabilities: ClassVar = {"GET": Capability.SELF}

    def get_queryset(self) -> QuerySet[Membership]:
        """Those that the caller may enter now."""
        return selectors.memberships_of(selectors.own_account(self.actor))

    @extend_schema(
        operation_id="auth_memberships_list",
        tags=["auth"],
        summary="List one's own tenants",
        description="Those that one may enter now. `POST /v1/auth/switch` leads to another one.",
        responses={200: OwnMembershipSerializer(many=True), **problems(errors=_REFUSALS)},
        examples=[
            OpenApiExample(
                "An owner",
                value={
                    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b9",
                    "tenant": EXAMPLE_TENANT,
                    "role": "owner",
                    "created_at": "2026-01-31T09:30:00Z",
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The latest joined first."""
        return self.list(request)


def _shown(principal: Principal, *, name: str = "") -> dict[str, Any]:
    actor = principal.actor
    caller = {
        **{field: getattr(actor, field) for field in ("type", "id", "label", "role")},
        "name": name,
        "tenant": principal.tenant,
        "scopes": sorted(actor.scopes),
        "bot_ids": _sorted(actor.bot_ids),
        "dataset_ids": _sorted(actor.dataset_ids),
    }
    return dict(CallerSerializer(caller).data)


def _sorted(ids: frozenset[Any] | None) -> list[Any] | None:
    return None if ids is None else sorted(ids)
