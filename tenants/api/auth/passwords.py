"""Changing one's own password, and choosing a new one when it is forgotten."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from tenants.api.auth.serializers import (
    NewPasswordPairSerializer,
    NewPasswordSerializer,
    PasswordChangeSerializer,
    PasswordResetSerializer,
)
from tenants.api.auth.tokens import EXAMPLE_SIGNED_IN, shown_with_device
from tenants.api_base import CallerAPIView, PublicAPIView
from tenants.exceptions import (
    BadResetTokenError,
    CredentialError,
    TooManyAttemptsError,
    WeakPasswordError,
    WrongPasswordError,
)
from tenants.permissions import Capability
from tenants.services import passwords


class PasswordView(CallerAPIView):
    """The caller's own password."""

    serializer_class = PasswordChangeSerializer
    capabilities: ClassVar = {"POST": Capability.SELF}
    # Tokens are not kept for a day in case somebody asks again.
    idempotent = False

    @extend_schema(
        operation_id="auth_password_change",
        tags=["auth"],
        summary="Change one's own password",
        description=(
            "Ends every sign-in of the person, everywhere, and answers with tokens of a new one. The present password "
            "is asked for, and wrong ones are counted like those of signing in."
        ),
        request=PasswordChangeSerializer,
        responses={
            200: NewPasswordPairSerializer,
            **problems(
                400,
                503,
                errors=(
                    *(CredentialError, PermissionDeniedError),
                    *(WrongPasswordError, WeakPasswordError, TooManyAttemptsError),
                ),
            ),
        },
        examples=[
            OpenApiExample(
                "Change",
                value={"current_password": "correct horse battery", "new_password": "another horse battery"},
                request_only=True,
            ),
            OpenApiExample("Tokens", value=EXAMPLE_SIGNED_IN, response_only=True, status_codes=[200]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Change the password."""
        asked = serializers.checked_body(PasswordChangeSerializer, request)
        pair = passwords.change_own_and_go_on(
            by=self.actor,
            tenant=self.principal.tenant,
            present=asked["current_password"],
            password=asked["new_password"],
            address=self.address,
        )
        return shown_with_device(pair)


class PasswordResetView(PublicAPIView):
    """Asks for a new password."""

    serializer_class = PasswordResetSerializer

    @extend_schema(
        operation_id="auth_password_reset",
        tags=["auth"],
        summary="Ask for a new password",
        description=(
            "Mails a link that is good once and for an hour to whoever has the address. The answer is the same when "
            "nobody has."
        ),
        auth=[],
        request=PasswordResetSerializer,
        responses={202: None, **problems(400, 503, errors=(TooManyAttemptsError,))},
        examples=[OpenApiExample("Forgotten", value={"email": "ada@acme.example"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Send the mail, if there is somebody to send it to."""
        asked = serializers.checked_body(PasswordResetSerializer, request)
        passwords.request_reset(**asked, address=self.address)
        return Response(status=202)


class PasswordResetConfirmView(PublicAPIView):
    """Chooses a new password."""

    serializer_class = NewPasswordSerializer

    @extend_schema(
        operation_id="auth_password_reset_confirm",
        tags=["auth"],
        summary="Choose a new password",
        description="Ends every sign-in of the person; sign in with the new password.",
        auth=[],
        request=NewPasswordSerializer,
        responses={204: None, **problems(400, errors=(BadResetTokenError, WeakPasswordError))},
        examples=[
            OpenApiExample(
                "A new password",
                value={"token": "AZLwwaKzfE2OX2BxgpOktQ.c9x2…", "password": "another horse battery"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Set the password."""
        passwords.reset(**serializers.checked_body(NewPasswordSerializer, request))
        return Response(status=204)
