"""The platform's own providers over HTTP, for its staff; a key goes in and never comes out."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import AppError, PermissionDeniedError
from providers.api.config import ConfigField
from providers.api.serializers import CheckResultSerializer, ProviderTestSerializer
from providers.catalog import selectors
from providers.catalog import services as catalog
from providers.catalog.models import GlobalAIProvider
from providers.enums import Availability, ProviderType
from providers.exceptions import NoSuchProviderError, ProviderSettingsError
from providers.keys import MAX_KEY
from tenants.api_base import PlatformAPIView
from tenants.exceptions import CredentialError

_REFUSALS: tuple[type[AppError], ...] = (CredentialError, PermissionDeniedError)
_CHANGE = "catalog.change_globalaiprovider"


class PlatformProviderSerializer(serializers.ModelSerializer[GlobalAIProvider]):
    """A provider of the platform; of its key only the last four characters are ever shown."""

    has_key = serializers.BooleanField(read_only=True, help_text="Whether there is a key.")
    config = ConfigField(
        source="settings",
        read_only=True,
        help_text="How its server is reached, what it offers and how long it is waited for; nothing secret.",
    )

    class Meta:
        model = GlobalAIProvider
        fields = [
            "id", "name", "provider_type", "config", "has_key", "key_last_four", "is_active", "is_default",
            "availability", "last_checked_at", "last_check_ok", "last_check_detail", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "availability": "Which tenants may use it.",
            "is_active": "Whether it can be used.",
            "is_default": "Whether tenants without a provider of their own use it.",
            "key_last_four": "The last four characters of the key; empty without one.",
            "last_check_detail": "What the last test said, in a sentence; empty before the first.",
            "last_check_ok": "Whether the last test went well; null before the first.",
            "last_checked_at": "When it was last tested; null if never.",
            "name": "What it is called.",
            "provider_type": "Whose API it speaks.",
        }


class NewPlatformProviderSerializer(serializers.Serializer[Any]):
    """A provider to be lent to tenants."""

    name = serializers.CharField(max_length=100, help_text="What it is called.")
    provider_type = serializers.ChoiceField(choices=ProviderType.choices, help_text="Whose API it speaks.")
    config = ConfigField(
        required=False, help_text="As for a tenant's provider: address, models with their prices, timeouts."
    )
    api_key = serializers.CharField(
        max_length=MAX_KEY,
        required=False,
        allow_blank=True,
        write_only=True,
        default="",
        help_text="The key for the vendor; it is kept encrypted and never shown again.",
    )
    is_active = serializers.BooleanField(required=False, help_text="Whether it can be used.")
    is_default = serializers.BooleanField(
        required=False, help_text="Whether tenants without a provider of their own use it."
    )
    availability = serializers.ChoiceField(
        choices=Availability.choices, required=False, help_text="Which tenants may use it."
    )


class PlatformProviderChangeSerializer(serializers.Serializer[Any]):
    """What may be changed; what is absent stays."""

    name = serializers.CharField(max_length=100, required=False, help_text="What it is called.")
    config = ConfigField(required=False, help_text="Replaces the whole config.")
    api_key = serializers.CharField(
        max_length=MAX_KEY, required=False, allow_blank=True, write_only=True, help_text="Empty keeps the stored key."
    )
    is_active = serializers.BooleanField(required=False, help_text="Whether it can be used.")
    is_default = serializers.BooleanField(
        required=False, help_text="Whether tenants without a provider of their own use it."
    )
    availability = serializers.ChoiceField(
        choices=Availability.choices, required=False, help_text="Which tenants may use it."
    )


class PlatformProvidersView(ListModelMixin, PlatformAPIView):
    """All providers of the platform, and new ones."""

    serializer_class = PlatformProviderSerializer
    rights: ClassVar = {"POST": "catalog.add_globalaiprovider"}

    def get_queryset(self) -> QuerySet[GlobalAIProvider]:
        """All of them."""
        return GlobalAIProvider.objects.all()

    @extend_schema(
        operation_id="platform_providers_list",
        tags=["platform"],
        summary="List the platform's providers",
        responses={200: PlatformProviderSerializer(many=True), **problems(errors=_REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="platform_providers_create",
        tags=["platform"],
        summary="Add a provider of the platform",
        request=NewPlatformProviderSerializer,
        responses={201: PlatformProviderSerializer, **problems(400, errors=(*_REFUSALS, ProviderSettingsError))},
        examples=[
            OpenApiExample(
                "With a key",
                request_only=True,
                value={"name": "OpenAI", "provider_type": "openai", "api_key": "sk-…", "is_default": True},
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a provider; tenants that may use it find it among those they can choose."""
        asked = _read(NewPlatformProviderSerializer(data=request.data))
        key = asked.pop("api_key")
        provider = catalog.save_provider(by=self.actor, provider=GlobalAIProvider(**asked), api_key=key)
        return self.tagged(provider, PlatformProviderSerializer(provider).data, status=201)


class PlatformProviderView(PlatformAPIView):
    """One provider of the platform."""

    serializer_class = PlatformProviderSerializer
    rights: ClassVar = {"PATCH": _CHANGE, "DELETE": "catalog.delete_globalaiprovider"}

    @extend_schema(
        operation_id="platform_providers_read",
        tags=["platform"],
        summary="Show a provider of the platform",
        responses={200: PlatformProviderSerializer, **problems(errors=(*_REFUSALS, NoSuchProviderError))},
    )
    def get(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Give one provider."""
        provider = selectors.provider_by_id(provider_id)
        return self.tagged(provider, PlatformProviderSerializer(provider).data)

    @extend_schema(
        operation_id="platform_providers_update",
        tags=["platform"],
        summary="Change a provider of the platform",
        description="A new address asks for the key again: a stored key goes to no other server.",
        request=PlatformProviderChangeSerializer,
        responses={
            200: PlatformProviderSerializer,
            **problems(400, errors=(*_REFUSALS, NoSuchProviderError, ProviderSettingsError)),
        },
        examples=[OpenApiExample("Another key", request_only=True, value={"api_key": "sk-…"})],
    )
    def patch(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Change what is sent."""
        asked = _read(PlatformProviderChangeSerializer(data=request.data))
        key = asked.pop("api_key", "")
        provider = selectors.provider_by_id(provider_id)
        with self.unchanged(provider):
            for name, value in asked.items():
                setattr(provider, name, value)
            provider = catalog.save_provider(by=self.actor, provider=provider, api_key=key)
        return self.tagged(provider, PlatformProviderSerializer(provider).data)

    @extend_schema(
        operation_id="platform_providers_delete",
        tags=["platform"],
        summary="Delete a provider of the platform",
        description="Tenants that use it are told so at its next use.",
        responses={204: None, **problems(errors=(*_REFUSALS, NoSuchProviderError))},
    )
    def delete(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Delete the provider and its key."""
        provider = selectors.provider_by_id(provider_id)
        with self.unchanged(provider):
            catalog.delete_provider(by=self.actor, provider=provider)
        return Response(status=204)


class PlatformProviderTestView(PlatformAPIView):
    """A real, tiny call."""

    serializer_class = CheckResultSerializer
    rights: ClassVar = {"POST": _CHANGE}
    idempotent = False

    @extend_schema(
        operation_id="platform_providers_test",
        tags=["platform"],
        summary="Test a provider of the platform",
        description="Makes a real, tiny call. How it went is in the answer, which is 200 also when the provider fails.",
        request=ProviderTestSerializer,
        responses={200: CheckResultSerializer, **problems(400, errors=(*_REFUSALS, NoSuchProviderError))},
    )
    def post(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Try the provider."""
        asked = _read(ProviderTestSerializer(data=request.data))
        provider = selectors.provider_by_id(provider_id)
        result = catalog.test_connection(by=self.actor, provider=provider, model=asked["model"])
        return Response(CheckResultSerializer(asdict(result)).data)


def _read(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
