"""Signing in to the API, renewing the tokens, going to another tenant, and signing out."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from tenants.api.auth.serializers import (
    CredentialsSerializer,
    RefreshSerializer,
    RenewedPairSerializer,
    SignedInSerializer,
    SignOutSerializer,
    SwitchSerializer,
    TokenPairSerializer,
)
from tenants.api_base import CallerAPIView, PublicAPIView
from tenants.exceptions import (
    CLOSED_TENANT_ERRORS,
    SIGN_IN_ERRORS,
    CredentialError,
    NoSuchTenantError,
    SecondFactorDemandedError,
    TenantChoiceNeededError,
)
from tenants.permissions import Capability
from tenants.services import tokens

EXAMPLE_TENANT = {"id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", "slug": "acme", "name": "Acme"}
EXAMPLE_PAIR = {
    "access": "eyJhbGciOiJIUzI1NiIs…",
    "refresh": "eyJhbGciOiJIUzI1NiIs…",
    "token_type": "Bearer",
    "expires_in": 600,
    "tenant": EXAMPLE_TENANT,
    "role": "owner",
}
EXAMPLE_SIGNED_IN = {**EXAMPLE_PAIR, "device_token": "k9Vb2xUo4T1sQm7d:1vD3fQ:w0hR…"}


def shown_with_device(pair: tokens.TokenPair) -> Response:
    """Answer with a pair of tokens and the token of the device."""
    answer = shown(pair)
    answer.data["device_token"] = pair.device_token
    return answer


def shown(pair: tokens.TokenPair) -> Response:
    """Answer with a pair of tokens, which nobody on the way may keep."""
    fields = {name: getattr(pair, name) for name in ("access", "refresh", "expires_in", "tenant", "role")}
    data = RenewedPairSerializer({**fields, "token_type": "Bearer"}).data
    return Response(data, headers={"Cache-Control": "no-store"})


class TokenView(PublicAPIView):
    """Signs a person in to one tenant."""

    serializer_class = CredentialsSerializer

    @extend_schema(
        operation_id="auth_token_create",
        tags=["auth"],
        summary="Sign in",
        description=(
            "Changes an e-mail address and password into access and refresh tokens for one tenant. Who has a second "
            "factor is asked for it with `second_factor_required` and the `methods` there are; send the same again "
            "with `otp`. A tenant that asks its members for a second factor answers those without one with "
            "`second_factor_demanded`; they add it on the portal's account pages. Too many failures are slowed down, "
            "by person and place, whether or not there is such a person. Who belongs to several tenants and names none "
            "is answered with `tenant_required` and the `tenants` to choose from. The answer's `device_token`, sent "
            "along next time, keeps failures elsewhere from slowing this device down."
        ),
        auth=[],
        request=CredentialsSerializer,
        responses={
            200: SignedInSerializer,
            **problems(400, 503, errors=(*SIGN_IN_ERRORS, TenantChoiceNeededError, *CLOSED_TENANT_ERRORS)),
        },
        examples=[
            OpenApiExample(
                "Sign in",
                value={"email": "ada@acme.example", "password": "correct horse battery", "tenant": "acme"},
                request_only=True,
            ),
            OpenApiExample("Tokens", value=EXAMPLE_SIGNED_IN, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Issue a pair of tokens."""
        asked = serializers.checked_body(CredentialsSerializer, request)
        return shown_with_device(tokens.issue(**_renamed(asked), address=self.address))


class TokenRefreshView(PublicAPIView):
    """Renews the tokens of a sign-in."""

    serializer_class = RefreshSerializer

    @extend_schema(
        operation_id="auth_token_refresh",
        tags=["auth"],
        summary="Renew the tokens",
        description=(
            "A refresh token is good once. Sent again within 10 seconds it answers with the same successor, "
            "so that parallel requests do no harm; sent again later it ends the sign-in with all its tokens."
        ),
        auth=[],
        request=RefreshSerializer,
        responses={
            200: RenewedPairSerializer,
            **problems(400, errors=(CredentialError, SecondFactorDemandedError, *CLOSED_TENANT_ERRORS)),
        },
        examples=[
            OpenApiExample("Renew", value={"refresh": "eyJhbGciOiJIUzI1NiIs…"}, request_only=True),
            OpenApiExample("Tokens", value=EXAMPLE_PAIR, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Issue the next pair of tokens."""
        return shown(tokens.rotate(serializers.checked_body(RefreshSerializer, request)["refresh"]))


class SignOutView(PublicAPIView):
    """Ends a sign-in."""

    serializer_class = SignOutSerializer

    @extend_schema(
        operation_id="auth_logout",
        tags=["auth"],
        summary="Sign out",
        description=(
            "Ends the sign-in that the token belongs to: all its access and refresh tokens are refused from the next "
            "request on. Either of the two will do, so that one may sign out after the access token has expired."
        ),
        auth=[],
        request=SignOutSerializer,
        responses={204: None, **problems(400, errors=(CredentialError,))},
        examples=[OpenApiExample("Sign out", value={"token": "eyJhbGciOiJIUzI1NiIs…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """End the sign-in; twice changes nothing."""
        tokens.end(serializers.checked_body(SignOutSerializer, request)["token"])
        return Response(status=204)


class SwitchView(CallerAPIView):
    """Goes to another tenant."""

    serializer_class = SwitchSerializer
    capabilities: ClassVar = {"POST": Capability.SELF}
    # Tokens are not kept for a day in case somebody asks again: asking again gives others.
    idempotent = False

    @extend_schema(
        operation_id="auth_switch",
        tags=["auth"],
        summary="Go to another tenant of one's own",
        description="Answers with tokens for that tenant. The ones for this tenant stay good: sign out to end them.",
        request=SwitchSerializer,
        responses={
            200: TokenPairSerializer,
            **problems(
                400,
                errors=(
                    *(CredentialError, PermissionDeniedError, SecondFactorDemandedError, NoSuchTenantError),
                    *CLOSED_TENANT_ERRORS,
                ),
            ),
        },
        examples=[
            OpenApiExample("To Acme", value={"tenant": "acme"}, request_only=True),
            OpenApiExample("Tokens", value=EXAMPLE_PAIR, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Issue a pair of tokens for the other tenant."""
        asked = serializers.checked_body(SwitchSerializer, request)
        return shown(tokens.switch(by=self.actor, tenant_slug=asked["tenant"]))


def _renamed(asked: dict[str, str]) -> dict[str, str]:
    return {"tenant_slug" if name == "tenant" else name: value for name, value in asked.items()}
