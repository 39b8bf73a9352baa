"""Signing in to the platform."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from tenants.api.platform.serializers import StaffCredentialsSerializer, StaffTokensSerializer
from tenants.api_base import PublicAPIView
from tenants.exceptions import SIGN_IN_ERRORS
from tenants.services import tokens


class StaffTokenView(PublicAPIView):
    """Signs a member of the platform's staff in."""

    serializer_class = StaffCredentialsSerializer

    @extend_schema(
        operation_id="platform_token_create",
        tags=["platform"],
        summary="Sign in as platform staff",
        description=(
            "For the routes under `/v1/admin` only: it opens no tenant. Renewed and ended like every sign-in, by "
            "`POST /v1/auth/token/refresh` and `POST /v1/auth/logout`."
        ),
        auth=[],
        request=StaffCredentialsSerializer,
        responses={200: StaffTokensSerializer, **problems(400, 503, errors=SIGN_IN_ERRORS)},
        examples=[
            OpenApiExample(
                "Sign in",
                request_only=True,
                value={"email": "admin@platform.example", "password": "correct horse battery"},
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Issue a pair of tokens."""
        asked = StaffCredentialsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        pair = tokens.issue_to_staff(**asked.validated_data, address=self.address)
        fields = {name: getattr(pair, name) for name in ("access", "refresh", "expires_in", "device_token")}
        shown = StaffTokensSerializer({**fields, "token_type": "Bearer"})
        return Response(shown.data, headers={"Cache-Control": "no-store"})
