"""The tenant's providers over HTTP."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.api.serializers import Serializer, checked_query
from chatcms.core.exceptions import AppError, PreconditionFailedError
from providers import selectors, services
from providers.api import serializers
from providers.catalog import selectors as catalog
from providers.exceptions import (
    DefaultInUseError,
    NoSuchProviderError,
    ProviderAuthError,
    ProviderInUseError,
    ProviderIsDefaultError,
    ProviderMisconfigured,
    ProviderNameTakenError,
    ProviderSettingsError,
)
from providers.models import TenantAIProvider, TenantAIProviderQuerySet
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ORDERINGS = ("-id", "id", "name", "-name", "-updated_at", "updated_at")
_EXAMPLES = [
    OpenApiExample(
        "With an own key",
        request_only=True,
        value={"name": "OpenAI", "provider_type": "openai", "api_key": "sk-…"},
    ),
    OpenApiExample(
        "An own server",
        request_only=True,
        value={
            "name": "Our vLLM",
            "provider_type": "openai_compatible",
            "config": {"base_url": "https://llm.example.com/v1", "models": ["llama-3.1-8b"]},
        },
    ),
    OpenApiExample(
        "Lent by the platform",
        request_only=True,
        value={"global_provider_id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41"},
    ),
]


def _refused(*statuses: int, errors: tuple[type[AppError], ...] = ()) -> dict[Any, Any]:
    return problems(401, 403, *statuses, errors=errors)


class ProviderView(TenantAPIView):
    """What the views of providers share."""

    serializer_class: type[Serializer[Any]] = serializers.ProviderSerializer

    def get_queryset(self) -> TenantAIProviderQuerySet:
        """All providers of the tenant in force."""
        return selectors.all_providers()

    def checked(self, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
        """Return the request's body as values that the serializer has checked."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def shown(self, provider: TenantAIProvider, status_code: int = status.HTTP_200_OK) -> Response:
        """Answer with one provider."""
        return self.tagged(provider, serializers.ProviderSerializer(provider).data, status_code)


class ProviderListView(ListModelMixin, ProviderView):
    """The providers of the tenant."""

    capabilities: ClassVar = {"GET": Capability.PROVIDERS_READ, "POST": Capability.PROVIDERS_WRITE}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> TenantAIProviderQuerySet:
        """Those that are asked for."""
        return selectors.all_providers(**checked_query(serializers.ProviderQuery, self.request))

    @extend_schema(
        operation_id="providers_list",
        tags=["providers"],
        summary="List providers",
        parameters=[serializers.ProviderQuery, ordering_parameter(_ORDERINGS)],
        responses={200: serializers.ProviderSerializer(many=True), **_refused(400, 429)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of the tenant's providers, newest first unless asked otherwise."""
        return self.list(request)

    @extend_schema(
        operation_id="providers_create",
        tags=["providers"],
        summary="Add a provider",
        request=serializers.ProviderCreateSerializer,
        responses={
            201: serializers.ProviderSerializer,
            **_refused(400, errors=(ProviderNameTakenError, ProviderSettingsError)),
        },
        examples=_EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """Add a provider: with a key of the tenant's own, without a key, or lent by the platform."""
        values = self.checked(serializers.ProviderCreateSerializer)
        add = services.use_global if "global_id" in values else services.create_provider
        return self.shown(add(by=self.actor, **values), status.HTTP_201_CREATED)


class ProviderDetailView(ProviderView):
    """One provider of the tenant."""

    capabilities: ClassVar = {
        "GET": Capability.PROVIDERS_READ,
        "PATCH": Capability.PROVIDERS_WRITE,
        "DELETE": Capability.PROVIDERS_WRITE,
    }

    @extend_schema(
        operation_id="providers_read",
        tags=["providers"],
        summary="Show a provider",
        responses={200: serializers.ProviderSerializer, **_refused(errors=(NoSuchProviderError,))},
    )
    def get(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Give one provider; of its key only the last four characters."""
        return self.shown(selectors.provider_by_id(provider_id))

    @extend_schema(
        operation_id="providers_update",
        tags=["providers"],
        summary="Change a provider",
        request=serializers.ProviderUpdateSerializer,
        responses={
            200: serializers.ProviderSerializer,
            **_refused(
                400,
                errors=(
                    NoSuchProviderError,
                    ProviderNameTakenError,
                    ProviderIsDefaultError,
                    ProviderInUseError,
                    DefaultInUseError,
                    ProviderSettingsError,
                    PreconditionFailedError,
                ),
            ),
        },
        examples=[OpenApiExample("A new key", request_only=True, value={"api_key": "sk-…"})],
    )
    def patch(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Change what is sent. A new address needs the key once more; the type stays as it is."""
        changes = self.checked(serializers.ProviderUpdateSerializer)
        provider = selectors.provider_by_id(provider_id)
        with self.unchanged(provider):
            changed = services.update_provider(by=self.actor, provider=provider, **changes)
        return self.shown(changed)

    @extend_schema(
        operation_id="providers_delete",
        tags=["providers"],
        summary="Delete a provider",
        responses={
            204: None,
            **_refused(
                429,
                errors=(NoSuchProviderError, ProviderInUseError, ProviderIsDefaultError, PreconditionFailedError),
            ),
        },
    )
    def delete(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Delete a provider and its key; refused while something uses it."""
        provider = selectors.provider_by_id(provider_id)
        with self.unchanged(provider):
            services.delete_provider(by=self.actor, provider=provider)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProviderTestView(ProviderView):
    """A try of one provider."""

    capabilities: ClassVar = {"POST": Capability.PROVIDERS_WRITE}
    # Trying twice harms nobody, and no transaction waits for a vendor.
    idempotent = False
    serializer_class = serializers.CheckResultSerializer

    @extend_schema(
        operation_id="providers_test",
        tags=["providers"],
        summary="Test the connection",
        request=serializers.ProviderTestSerializer,
        responses={200: serializers.CheckResultSerializer, **_refused(400, 429, errors=(NoSuchProviderError,))},
    )
    def post(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Make a real, tiny call and explain how it went; 200 also when it failed, with `ok` false."""
        values = self.checked(serializers.ProviderTestSerializer)
        provider = selectors.provider_by_id(provider_id)
        return Response(asdict(services.test_connection(by=self.actor, provider=provider, **values)))


class ProviderModelsView(ProviderView):
    """The models of one provider."""

    capabilities: ClassVar = {"GET": Capability.PROVIDERS_READ}
    serializer_class = serializers.ProviderModelsSerializer

    @extend_schema(
        operation_id="providers_models",
        tags=["providers"],
        summary="List a provider's models",
        description=(
            "The models that are known of a provider, from its config or else the usual ones of the vendor; the vendor "
            "is asked when none are known. With `live=true` the vendor is asked in any case, with the stored key, and "
            "what only it lists is added."
        ),
        parameters=[serializers.ModelsQuery],
        responses={
            200: serializers.ProviderModelsSerializer,
            **_refused(
                400, 424, 429, 502, 503, 504, errors=(NoSuchProviderError, ProviderAuthError, ProviderMisconfigured)
            ),
        },
    )
    def get(self, request: Request, provider_id: uuid.UUID) -> Response:
        """Give the models of a provider."""
        query = checked_query(serializers.ModelsQuery, request)
        listing = services.offered_models(selectors.provider_by_id(provider_id), **query)
        return Response(serializers.ProviderModelsSerializer(asdict(listing)).data)


class AvailableProvidersView(ProviderView):
    """What the platform lends."""

    capabilities: ClassVar = {"GET": Capability.PROVIDERS_READ}
    serializer_class = serializers.AvailableListSerializer

    @extend_schema(
        operation_id="providers_available",
        tags=["providers"],
        summary="List the platform's providers",
        responses={200: serializers.AvailableListSerializer, **_refused()},
    )
    def get(self, request: Request) -> Response:
        """Give the providers that this tenant may use with the platform's key, the default first."""
        found = catalog.available_to(self.tenant.id)
        return Response(serializers.AvailableListSerializer({"results": found}).data)
