"""The host names of a tenant, for the platform's staff."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from tenants import exceptions, selectors
from tenants.api.platform.serializers import DomainSerializer
from tenants.api.platform.tenants import REFUSALS
from tenants.api_base import PlatformAPIView
from tenants.enums import DomainProof
from tenants.models import Domain
from tenants.services import domains as services

_UNKNOWN = (exceptions.NoSuchTenantError, exceptions.NoSuchDomainError)
_WRONG = (exceptions.InvalidDomainError, exceptions.DomainTakenError)


class DomainsView(ListModelMixin, PlatformAPIView):
    """All host names of a tenant, and new ones."""

    serializer_class = DomainSerializer
    rights: ClassVar = {"POST": "tenants.add_domain"}

    def get_queryset(self) -> QuerySet[Domain]:
        """Those of the tenant in the address."""
        return Domain.objects.filter(tenant=selectors.tenant_for_staff(self.kwargs["tenant_id"]))

    @extend_schema(
        operation_id="platform_domains_list",
        tags=["platform"],
        summary="List a tenant's domains",
        responses={200: DomainSerializer(many=True), **problems(errors=(*REFUSALS, exceptions.NoSuchTenantError))},
    )
    def get(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="platform_domains_create",
        tags=["platform"],
        summary="Give a tenant a domain",
        request=DomainSerializer,
        responses={
            201: DomainSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchTenantError, *_WRONG)),
        },
        examples=[OpenApiExample("A host", request_only=True, value={"domain": "chat.acme.example"})],
    )
    def post(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Add the domain; the tenant's first one is its primary one."""
        asked = DomainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        domain = Domain(tenant=selectors.tenant_for_staff(tenant_id), **asked.validated_data)
        services.save_domain(by=self.actor, domain=domain)
        return Response(DomainSerializer(domain).data, status=201)


class DomainView(PlatformAPIView):
    """One host name of a tenant."""

    serializer_class = DomainSerializer
    rights: ClassVar = {"PATCH": "tenants.change_domain", "DELETE": "tenants.delete_domain"}

    @extend_schema(
        operation_id="platform_domains_update",
        tags=["platform"],
        summary="Change a domain",
        request=DomainSerializer(partial=True),
        responses={200: DomainSerializer, **problems(400, errors=(*REFUSALS, *_UNKNOWN, *_WRONG))},
        examples=[OpenApiExample("The primary one", request_only=True, value={"is_primary": True})],
    )
    def patch(self, request: Request, tenant_id: uuid.UUID, domain_id: uuid.UUID) -> Response:
        """Change what is sent; another host name is to be verified again."""
        domain = selectors.domain_of(tenant_id, domain_id)
        asked = DomainSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        with self.unchanged(domain):
            for name, value in asked.validated_data.items():
                setattr(domain, name, value)
            services.save_domain(by=self.actor, domain=domain)
        return self.tagged(domain, DomainSerializer(domain).data)

    @extend_schema(
        operation_id="platform_domains_delete",
        tags=["platform"],
        summary="Take a domain from its tenant",
        responses={204: None, **problems(errors=(*REFUSALS, *_UNKNOWN))},
    )
    def delete(self, request: Request, tenant_id: uuid.UUID, domain_id: uuid.UUID) -> Response:
        """Delete the domain."""
        domain = selectors.domain_of(tenant_id, domain_id)
        with self.unchanged(domain):
            services.delete_domain(by=self.actor, domain=domain)
        return Response(status=204)


class DomainVerifyView(PlatformAPIView):
    """The proof that a host name is the tenant's."""

    serializer_class = DomainSerializer
    rights: ClassVar = {"POST": "tenants.change_domain"}

    @extend_schema(
        operation_id="platform_domains_verify",
        tags=["platform"],
        summary="Note that a domain is known to be the tenant's",
        request=None,
        responses={200: DomainSerializer, **problems(errors=(*REFUSALS, *_UNKNOWN, exceptions.DomainTakenError))},
    )
    def post(self, request: Request, tenant_id: uuid.UUID, domain_id: uuid.UUID) -> Response:
        """Verify the domain."""
        domain = selectors.domain_of(tenant_id, domain_id)
        services.verify_domain(by=self.actor, domain=domain, proof=DomainProof.STAFF)
        return Response(DomainSerializer(domain).data)
