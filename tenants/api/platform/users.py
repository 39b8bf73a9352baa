"""People's accounts, for the platform's staff."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from tenants import exceptions, selectors
from tenants.api.platform.serializers import (
    NewUserSerializer,
    UserChangeSerializer,
    UserQuery,
    UserSerializer,
    WholeUserSerializer,
)
from tenants.api.platform.tenants import REFUSALS
from tenants.api_base import PlatformAPIView
from tenants.models import User
from tenants.services import people


class UsersView(ListModelMixin, PlatformAPIView):
    """All people, and new ones."""

    serializer_class = UserSerializer
    rights: ClassVar = {"POST": "tenants.add_user"}

    def get_queryset(self) -> QuerySet[User]:
        """Those that are asked for."""
        return selectors.users_for_staff(**serializers.checked_query(UserQuery, self.request))

    @extend_schema(
        operation_id="platform_users_list",
        tags=["platform"],
        summary="List people",
        parameters=[UserQuery],
        responses={200: UserSerializer(many=True), **problems(400, errors=REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="platform_users_create",
        tags=["platform"],
        summary="Make an account",
        description="Its owner gets a mail with a link to choose a password.",
        request=NewUserSerializer,
        responses={
            201: UserSerializer,
            **problems(400, 503, errors=(*REFUSALS, exceptions.EmailTakenError, exceptions.TooManyAttemptsError)),
        },
        examples=[OpenApiExample("A person", request_only=True, value={"email": "ada@acme.example", "name": "Ada"})],
    )
    def post(self, request: Request) -> Response:
        """Make an account."""
        asked = NewUserSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = people.invite_user(by=self.actor, **asked.validated_data)
        return self.tagged(user, UserSerializer(user).data, status=201)


class UserView(PlatformAPIView):
    """One person."""

    serializer_class = WholeUserSerializer
    rights: ClassVar = {"PATCH": "tenants.change_user"}

    @extend_schema(
        operation_id="platform_users_read",
        tags=["platform"],
        summary="Show a person",
        responses={200: WholeUserSerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchUserError))},
    )
    def get(self, request: Request, user_id: uuid.UUID) -> Response:
        """Give one person with the tenants that they belong to."""
        user = selectors.user_for_staff(user_id)
        return self.tagged(user, WholeUserSerializer(user).data)

    @extend_schema(
        operation_id="platform_users_update",
        tags=["platform"],
        summary="Change a person's account",
        description="Switched off, it ends all their sign-ins. No account is deleted: what people did stays theirs.",
        request=UserChangeSerializer,
        responses={
            200: WholeUserSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchUserError, exceptions.OwnAccountError)),
        },
        examples=[OpenApiExample("Off", request_only=True, value={"is_active": False})],
    )
    def patch(self, request: Request, user_id: uuid.UUID) -> Response:
        """Change what is sent."""
        asked = UserChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = selectors.user_for_staff(user_id)
        with self.unchanged(user):
            people.change_user(by=self.actor, user=user, **asked.validated_data)
        user = selectors.user_for_staff(user_id)
        return self.tagged(user, WholeUserSerializer(user).data)


class UserPasswordResetView(PlatformAPIView):
    """The way back in for somebody who forgot a password."""

    rights: ClassVar = {"POST": "tenants.change_user"}
    serializer_class = UserSerializer

    @extend_schema(
        operation_id="platform_users_password_reset",
        tags=["platform"],
        summary="Mail a person a link to a new password",
        request=None,
        responses={
            202: None,
            **problems(503, errors=(*REFUSALS, exceptions.NoSuchUserError, exceptions.TooManyAttemptsError)),
        },
    )
    def post(self, request: Request, user_id: uuid.UUID) -> Response:
        """Send the mail."""
        people.send_reset(by=self.actor, user=selectors.user_for_staff(user_id))
        return Response(status=202)
