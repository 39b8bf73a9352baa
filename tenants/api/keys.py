"""A tenant's API keys."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants.api.serializers import (
    ApiKeyChangesSerializer,
    ApiKeyQuery,
    ApiKeySerializer,
    CreatedApiKeySerializer,
    NewApiKeySerializer,
)
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError, KeyAboveYoursError, KeyRevokedError, NoSuchKeyError
from tenants.models import ApiKey
from tenants.permissions import Capability
from tenants.selectors import within
from tenants.services import api_keys

_KEY = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b7",
    "name": "Website",
    "prefix": "cms_live_3kTzq8WbN0aY",
    "last_four": "x9Zq",
    "scopes": ["chat"],
    "bot_ids": ["0192f0c1-a2b3-7c4d-8e5f-60718293a4b8"],
    "dataset_ids": None,
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
    "made_by": "ada@acme.example",
    "maker_removed": False,
}
_REFUSALS = (CredentialError, PermissionDeniedError)
_UNKNOWN = (*_REFUSALS, NoSuchKeyError)


class ApiKeysView(ListModelMixin, TenantAPIView):
    """All keys of the tenant, and new ones."""

    serializer_class = ApiKeySerializer
    capabilities = {"GET": Capability.KEYS_READ, "POST": Capability.KEYS_WRITE}

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Those that are asked for."""
        return within.api_keys_of(self.tenant, **serializers.checked_query(ApiKeyQuery, self.request))

    @extend_schema(
        operation_id="api_keys_list",
        tags=["api keys"],
        summary="List API keys",
        parameters=[ApiKeyQuery],
        responses={200: ApiKeySerializer(many=True), **problems(400, errors=_REFUSALS)},
        examples=[OpenApiExample("A key", value=_KEY, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Newest first, revoked ones included."""
        return self.list(request)

    @extend_schema(
        operation_id="api_keys_create",
        tags=["api keys"],
        summary="Make an API key",
        description=(
            "The answer shows the key's text, this once. A key limited to some bots or datasets knows no others, "
            "nor anything that is about the whole tenant, and cannot have the scope `admin`. A key can make only keys "
            "that may do no more than itself."
        ),
        request=NewApiKeySerializer,
        responses={
            201: CreatedApiKeySerializer,
            **problems(400, errors=(*_REFUSALS, KeyAboveYoursError, InvalidInputError)),
        },
        examples=[
            OpenApiExample(
                "For a website",
                value={
                    "name": "Website",
                    "scopes": ["chat"],
                    "bot_ids": ["0192f0c1-a2b3-7c4d-8e5f-60718293a4b8"],
                },
                request_only=True,
            ),
            OpenApiExample(
                "The new key",
                value={**_KEY, "key": "cms_live_3kTzq8WbN0aY…"},
                response_only=True,
                status_codes=[201],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a key."""
        asked = serializers.checked_body(NewApiKeySerializer, request)
        key, plain = api_keys.create_api_key(by=self.actor, tenant=self.tenant, **asked)
        shown = {**ApiKeySerializer(key).data, "key": plain}
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class ApiKeyView(TenantAPIView):
    """One key of the tenant."""

    serializer_class = ApiKeySerializer
    capabilities = {"GET": Capability.KEYS_READ, "PATCH": Capability.KEYS_WRITE, "DELETE": Capability.KEYS_WRITE}

    @extend_schema(
        operation_id="api_keys_read",
        tags=["api keys"],
        summary="Show an API key",
        responses={200: ApiKeySerializer, **problems(errors=_UNKNOWN)},
        examples=[OpenApiExample("A key", value=_KEY, response_only=True)],
    )
    def get(self, request: Request, key_id: uuid.UUID) -> Response:
        """Give one key, without its text."""
        key = within.api_key_by_id(self.tenant, key_id)
        return self.tagged(key, ApiKeySerializer(key).data)

    @extend_schema(
        operation_id="api_keys_update",
        tags=["api keys"],
        summary="Change an API key",
        description=(
            "Name, scopes, end and limits; counts from the key's next request on. What is not sent stays. A revoked "
            "key can be changed no more."
        ),
        request=ApiKeyChangesSerializer,
        responses={
            200: ApiKeySerializer,
            **problems(400, errors=(*_UNKNOWN, KeyAboveYoursError, KeyRevokedError, InvalidInputError)),
        },
        examples=[
            OpenApiExample("For all bots", value={"bot_ids": None}, request_only=True),
            OpenApiExample("A key", value=_KEY, response_only=True, status_codes=[200]),
        ],
    )
    def patch(self, request: Request, key_id: uuid.UUID) -> Response:
        """Change what is sent."""
        asked = serializers.checked_body(ApiKeyChangesSerializer, request)
        key = within.api_key_by_id(self.tenant, key_id)
        with self.unchanged(key):
            key = api_keys.change_api_key(by=self.actor, key=key, **asked)
        return self.tagged(key, ApiKeySerializer(key).data)

    @extend_schema(
        operation_id="api_keys_revoke",
        tags=["api keys"],
        summary="Revoke an API key",
        description="The key is refused from the next request on. It stays on the list, marked as revoked.",
        responses={204: None, **problems(errors=_UNKNOWN)},
    )
    def delete(self, request: Request, key_id: uuid.UUID) -> Response:
        """Revoke the key."""
        key = within.api_key_by_id(self.tenant, key_id)
        with self.unchanged(key):
            api_keys.revoke_api_key(by=self.actor, key=key)
        return Response(status=204)
