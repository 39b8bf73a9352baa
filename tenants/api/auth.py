"""Signing in to the API, renewing the tokens, and asking who one is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatcms.core.openapi import problems
from tenants.api.serializers import (
    CallerSerializer,
    CredentialsSerializer,
    RefreshSerializer,
    TokenPairSerializer,
)
from tenants.api_base import TenantAPIView
from tenants.exceptions import SIGN_IN_ERRORS, CredentialError, SecondFactorDemandedError, TenantChoiceNeededError
from tenants.services import tokens

_PAIR = {
    "access": "eyJhbGciOiJIUzI1NiIs…",
    "refresh": "eyJhbGciOiJIUzI1NiIs…",
    "token_type": "Bearer",
    "expires_in": 600,
    "tenant": {"id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", "slug": "acme", "name": "Acme"},
    "role": "owner",
}


class TokenView(APIView):
    """Signs a person in to one tenant."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_token_create",
        tags=["auth"],
        summary="Sign in",
        description=(
            "Changes an e-mail address and password into access and refresh tokens for one tenant. Who has a second "
            "factor is asked for it with `second_factor_required` and the `methods` there are; send the same again "
            "with `otp`. A tenant that asks its members for a second factor answers those without one with "
            "`second_factor_demanded`; they add it on the portal's account pages."
        ),
        auth=[],
        request=CredentialsSerializer,
        responses={
            200: TokenPairSerializer,
            **problems(400, 503, errors=(*SIGN_IN_ERRORS, TenantChoiceNeededError)),
        },
        examples=[
            OpenApiExample(
                "Sign in",
                value={"email": "ada@acme.example", "password": "correct horse battery", "tenant": "acme"},
                request_only=True,
            ),
            OpenApiExample("Tokens", value=_PAIR, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Issue a pair of tokens."""
        asked = _valid(CredentialsSerializer(data=request.data))
        pair = tokens.issue(
            email=asked["email"],
            password=asked["password"],
            otp=asked.get("otp", ""),
            tenant_slug=asked.get("tenant"),
            address=request.META.get("REMOTE_ADDR", ""),
        )
        return _answer(pair)


class TokenRefreshView(APIView):
    """Renews the tokens of a sign-in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

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
        responses={200: TokenPairSerializer, **problems(400, errors=(CredentialError, SecondFactorDemandedError))},
        examples=[
            OpenApiExample("Renew", value={"refresh": "eyJhbGciOiJIUzI1NiIs…"}, request_only=True),
            OpenApiExample("Tokens", value=_PAIR, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Issue the next pair of tokens."""
        return _answer(tokens.rotate(_valid(RefreshSerializer(data=request.data))["refresh"]))


class CallerView(TenantAPIView):
    """Tells callers who they are."""

    permission_classes = (IsAuthenticated,)
    pagination_class = None

    @extend_schema(
        operation_id="auth_me",
        tags=["auth"],
        summary="Who am I",
        responses={200: CallerSerializer, **problems(errors=(CredentialError,))},
        examples=[
            OpenApiExample(
                "A member",
                value={
                    "type": "user",
                    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
                    "label": "ada@acme.example",
                    "tenant": _PAIR["tenant"],
                    "role": "owner",
                    "scopes": [],
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Return the caller, the tenant, and the role or scopes."""
        actor = self.actor
        caller = {
            "type": actor.type,
            "id": actor.id,
            "label": actor.label,
            "tenant": self.tenant,
            "role": actor.role,
            "scopes": sorted(actor.scopes),
        }
        return Response(CallerSerializer(caller).data)


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _answer(pair: tokens.TokenPair) -> Response:
    return Response(
        TokenPairSerializer(
            {
                "access": pair.access,
                "refresh": pair.refresh,
                "token_type": "Bearer",
                "expires_in": pair.expires_in,
                "tenant": pair.tenant,
                "role": pair.role,
            }
        ).data,
        headers={"Cache-Control": "no-store"},
    )
