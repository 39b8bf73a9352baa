"""A tenant's API keys."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.exceptions import InvalidInputError, NotFoundError, PermissionDeniedError
from chatcms.core.openapi import problems
from tenants.api.serializers import ApiKeySerializer, CreatedApiKeySerializer, NewApiKeySerializer
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.models import ApiKey
from tenants.models.keys import ApiKeyQuerySet
from tenants.permissions import Capability
from tenants.services import api_keys

_KEY = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b7",
    "name": "Website",
    "prefix": "cms_live_3kTzq8WbN0aY",
    "last_four": "x9Zq",
    "scopes": ["chat"],
    "created_at": "2026-01-31T09:30:00Z",
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
}
_REFUSALS = (CredentialError, PermissionDeniedError)


class ApiKeysView(ListModelMixin, TenantAPIView):
    """All keys of the tenant, and new ones."""

    serializer_class = ApiKeySerializer
    capabilities = {"GET": Capability.KEYS_READ, "POST": Capability.KEYS_WRITE}

    def get_queryset(self) -> ApiKeyQuerySet:
        """The caller's tenant's only."""
        return ApiKey.objects.filter(tenant=self.tenant)

    @extend_schema(
        operation_id="api_keys_list",
        tags=["api keys"],
        summary="List API keys",
        responses={200: ApiKeySerializer(many=True), **problems(errors=_REFUSALS)},
        examples=[OpenApiExample("A key", value=_KEY, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Newest first, revoked ones included."""
        return self.list(request)

    @extend_schema(
        operation_id="api_keys_create",
        tags=["api keys"],
        summary="Make an API key",
        description="The answer shows the key's text, this once. A key can give only scopes that it has.",
        request=NewApiKeySerializer,
        responses={201: CreatedApiKeySerializer, **problems(400, errors=(*_REFUSALS, InvalidInputError))},
        examples=[
            OpenApiExample("For a website", value={"name": "Website", "scopes": ["chat"]}, request_only=True),
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
        asked = NewApiKeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, plain = api_keys.create_api_key(by=self.actor, tenant=self.tenant, **asked.validated_data)
        shown = {**ApiKeySerializer(key).data, "key": plain}
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class ApiKeyView(TenantAPIView):
    """One key of the tenant."""

    capabilities = {"DELETE": Capability.KEYS_WRITE}

    @extend_schema(
        operation_id="api_keys_revoke",
        tags=["api keys"],
        summary="Revoke an API key",
        description="The key is refused from the next request on. It stays on the list, marked as revoked.",
        responses={204: None, **problems(errors=(*_REFUSALS, NotFoundError))},
    )
    def delete(self, request: Request, key_id: uuid.UUID) -> Response:
        """Revoke the key."""
        key = ApiKey.objects.filter(tenant=self.tenant, pk=key_id).first()
        if key is None:
            raise NotFoundError
        api_keys.revoke_api_key(by=self.actor, key=key)
        return Response(status=204)
