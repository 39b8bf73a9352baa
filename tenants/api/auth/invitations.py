"""What an invited person sees, and joining a tenant."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import InvalidInputError
from tenants import exceptions
from tenants.api.auth.serializers import (
    AcceptanceSerializer,
    InvitationTokenSerializer,
    OfferSerializer,
    TokenPairSerializer,
)
from tenants.api.auth.tokens import EXAMPLE_PAIR, EXAMPLE_TENANT, shown
from tenants.api_base import PublicAPIView
from tenants.authentication import BearerAuthentication, Principal
from tenants.services import invitations

_TOKEN = "p3Qm…"  # noqa: S105 - an example


class InvitationPreviewView(PublicAPIView):
    """Shows an invitation to whoever has its token."""

    serializer_class = InvitationTokenSerializer

    @extend_schema(
        operation_id="auth_invitation_preview",
        tags=["auth"],
        summary="Look at an invitation",
        description="A POST, so that the token is in no address and so in no log.",
        auth=[],
        request=InvitationTokenSerializer,
        responses={200: OfferSerializer, **problems(400, errors=(exceptions.NoSuchInvitationError,))},
        examples=[
            OpenApiExample("The token", value={"token": _TOKEN}, request_only=True),
            OpenApiExample(
                "For a new person",
                value={
                    "email": "grace@acme.example",
                    "role": "editor",
                    "tenant": EXAMPLE_TENANT,
                    "expires_at": "2026-02-07T09:30:00Z",
                    "account_exists": False,
                },
                response_only=True,
                status_codes=[200],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Show what is offered."""
        asked = serializers.checked_body(InvitationTokenSerializer, request)
        offer = invitations.preview(asked["token"])
        return Response(OfferSerializer(offer).data, headers={"Cache-Control": "no-store"})


class InvitationAcceptView(PublicAPIView):
    """Takes an invited person in."""

    authentication_classes = (BearerAuthentication,)
    serializer_class = AcceptanceSerializer

    @extend_schema(
        operation_id="auth_invitation_accept",
        tags=["auth"],
        summary="Accept an invitation",
        description=(
            "Who is signed in sends the access token and no password. Who has an account sends its password, "
            "and `otp` where there is a second factor. Who has none gets one, with `name` and `password`; so does who "
            "is mailed a link for an account whose mailbox never answered, and what somebody else set up in that name, "
            "second factors included, is gone. The answer "
            "signs the new member in to the tenant; where that asks for a second factor and the person has none, it is "
            "`second_factor_demanded`, and the person is a member who adds one on the portal's account pages."
        ),
        request=AcceptanceSerializer,
        responses={
            200: TokenPairSerializer,
            **problems(
                400,
                503,
                errors=(
                    *(*exceptions.SIGN_IN_ERRORS, exceptions.NoSuchInvitationError),
                    *(exceptions.InvitedSomebodyElseError, exceptions.MemberQuotaError, exceptions.AlreadyMemberError),
                    *(
                        exceptions.MailboxUnprovenError,
                        exceptions.EmailTakenError,
                        exceptions.WeakPasswordError,
                        InvalidInputError,
                    ),
                ),
            ),
        },
        examples=[
            OpenApiExample(
                "As a new person",
                value={"token": _TOKEN, "name": "Grace Hopper", "password": "correct horse battery"},
                request_only=True,
            ),
            OpenApiExample("Signed in already", value={"token": _TOKEN}, request_only=True),
            OpenApiExample("Tokens", value=EXAMPLE_PAIR, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make the person a member."""
        asked = serializers.checked_body(AcceptanceSerializer, request)
        principal: Principal | None = request.user  # type: ignore[assignment]  # what BearerAuthentication returns
        by = principal.actor if principal else None
        return shown(invitations.accept(**asked, by=by, address=self.address))
