"""Tenants, for the platform's staff: make, rename, suspend, reinstate, delete."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import AppError, PermissionDeniedError
from tenants import exceptions, selectors
from tenants.api.platform.serializers import (
    ConfirmationQuery,
    NewTenantSerializer,
    OwnerSerializer,
    PlatformTenantSerializer,
    ReasonSerializer,
    TenantChangeSerializer,
    TenantQuery,
    UsageDaySerializer,
)
from tenants.api_base import PlatformAPIView
from tenants.enums import Role
from tenants.exceptions import CredentialError
from tenants.models import MemberRequest, Tenant, UsageDay
from tenants.services import catalogue, lifecycle, provisioning, requests

REFUSALS: tuple[type[AppError], ...] = (CredentialError, PermissionDeniedError)
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
    "slug": "acme",
    "name": "Acme",
    "status": "ready",
    "status_detail": "",
    "plan": "standard",
    "member_count": 4,
    "schema_name": "t_acme_8293a4b5",
    "schema_made_at": "2026-01-31T09:30:00Z",
    "delete_after": None,
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:01Z",
}
_SHOWN = OpenApiExample("A tenant", value=_EXAMPLE, response_only=True)
_CHANGE = "tenants.change_tenant"


def _read(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class TenantsView(ListModelMixin, PlatformAPIView):
    """All tenants, and new ones."""

    serializer_class = PlatformTenantSerializer
    rights: ClassVar = {"POST": "tenants.add_tenant"}
    # Making one takes steps of their own transactions, so that it can be gone on with where it stopped.
    idempotent = False

    def get_queryset(self) -> QuerySet[Tenant]:
        """Those that are asked for."""
        return selectors.tenants_for_staff(**serializers.checked_query(TenantQuery, self.request))

    @extend_schema(
        operation_id="platform_tenants_list",
        tags=["platform"],
        summary="List tenants",
        parameters=[TenantQuery],
        responses={200: PlatformTenantSerializer(many=True), **problems(400, errors=REFUSALS)},
        examples=[_SHOWN],
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="platform_tenants_create",
        tags=["platform"],
        summary="Make a tenant",
        description=(
            "Answers when the tenant is ready, in about a tenth of a second. What stops halfway is kept as `failed` "
            "and can be resumed. The slug makes a second request with the same one a conflict."
        ),
        request=NewTenantSerializer,
        responses={
            201: PlatformTenantSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, exceptions.SlugTakenError, exceptions.SchemaOccupiedError),
                    *(exceptions.InvalidSlugError, exceptions.NoSuchPlanError, exceptions.ProvisioningFailedError),
                ),
            ),
        },
        examples=[
            OpenApiExample(
                "With an owner",
                request_only=True,
                value={"name": "Acme", "slug": "acme", "owner_email": "ada@acme.example"},
            ),
            _SHOWN,
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a tenant."""
        asked = _read(NewTenantSerializer(data=request.data))
        plan = selectors.plan_by_code(asked.pop("plan")) if "plan" in asked else None
        made = provisioning.create_tenant(by=self.actor, **asked, plan=plan)
        tenant = selectors.tenant_for_staff(made.pk)
        return self.tagged(tenant, PlatformTenantSerializer(tenant).data, status=201)


class PlatformTenantView(PlatformAPIView):
    """One tenant."""

    serializer_class = PlatformTenantSerializer
    rights: ClassVar = {"PATCH": _CHANGE, "DELETE": "tenants.delete_tenant"}

    @extend_schema(
        operation_id="platform_tenants_read",
        tags=["platform"],
        summary="Show a tenant",
        responses={200: PlatformTenantSerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchTenantError))},
        examples=[_SHOWN],
    )
    def get(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Give one tenant: how it is made, not what is in it."""
        tenant = selectors.tenant_for_staff(tenant_id)
        return self.tagged(tenant, PlatformTenantSerializer(tenant).data)

    @extend_schema(
        operation_id="platform_tenants_update",
        tags=["platform"],
        summary="Rename a tenant or give it another plan",
        request=TenantChangeSerializer,
        responses={
            200: PlatformTenantSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchTenantError, exceptions.NoSuchPlanError)),
        },
        examples=[OpenApiExample("Another plan", request_only=True, value={"plan": "large"}), _SHOWN],
    )
    def patch(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Change what is sent."""
        asked = _read(TenantChangeSerializer(data=request.data))
        tenant = selectors.tenant_for_staff(tenant_id)
        plan = tenant.plan
        if "plan" in asked:
            plan = selectors.plan_by_code(asked["plan"]) if asked["plan"] else None
        with self.unchanged(tenant):
            catalogue.change_tenant(by=self.actor, tenant=tenant, name=asked.get("name", tenant.name), plan=plan)
        tenant = selectors.tenant_for_staff(tenant_id)
        return self.tagged(tenant, PlatformTenantSerializer(tenant).data)

    @extend_schema(
        operation_id="platform_tenants_delete",
        tags=["platform"],
        summary="Delete a tenant",
        description=(
            "Shuts everybody out now, and drops the tenant with all its data in seven days; until then "
            "`POST .../keep` calls it off. Type the slug as `confirm`, in the query."
        ),
        parameters=[ConfirmationQuery],
        request=None,
        responses={
            202: PlatformTenantSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, exceptions.NoSuchTenantError, exceptions.ConfirmationMismatchError),
                    exceptions.WrongStateError,
                ),
            ),
        },
        examples=[_SHOWN],
    )
    def delete(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Ask for the deletion."""
        asked = serializers.checked_query(ConfirmationQuery, request)
        tenant = selectors.tenant_for_staff(tenant_id)
        if asked["confirm"] != tenant.slug:
            raise exceptions.ConfirmationMismatchError
        with self.unchanged(tenant):
            lifecycle.request_deletion(by=self.actor, tenant=tenant)
        return Response(PlatformTenantSerializer(selectors.tenant_for_staff(tenant_id)).data, status=202)


class _ActView(PlatformAPIView):
    """Something that is done to a tenant in some states."""

    serializer_class = ReasonSerializer
    rights: ClassVar = {"POST": _CHANGE}

    def _done(self, tenant: Tenant) -> Response:
        return Response(PlatformTenantSerializer(selectors.tenant_for_staff(tenant.pk)).data)


_ACT_PROBLEMS = problems(400, errors=(*REFUSALS, exceptions.NoSuchTenantError, exceptions.WrongStateError))


class SuspendView(_ActView):
    """Shuts a tenant."""

    @extend_schema(
        operation_id="platform_tenants_suspend",
        tags=["platform"],
        summary="Suspend a tenant",
        description="Shuts members, keys and visitors out from the next request on. Nothing is lost; jobs wait.",
        request=ReasonSerializer,
        responses={200: PlatformTenantSerializer, **_ACT_PROBLEMS},
    )
    def post(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Suspend the tenant."""
        asked = _read(ReasonSerializer(data=request.data))
        tenant = selectors.tenant_for_staff(tenant_id)
        lifecycle.suspend_tenant(by=self.actor, tenant=tenant, reason=asked["reason"])
        return self._done(tenant)


class ResumeView(_ActView):
    """Opens a tenant again, or goes on with making one."""

    @extend_schema(
        operation_id="platform_tenants_resume",
        tags=["platform"],
        summary="Resume a tenant",
        description="Opens a suspended tenant again; goes on with making one that failed halfway.",
        request=None,
        responses={
            200: PlatformTenantSerializer,
            **problems(
                errors=(
                    *(*REFUSALS, exceptions.NoSuchTenantError, exceptions.WrongStateError),
                    *(exceptions.SchemaOccupiedError, exceptions.ProvisioningFailedError),
                )
            ),
        },
    )
    def post(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Resume the tenant."""
        tenant = selectors.tenant_for_staff(tenant_id)
        if tenant.is_unfinished:
            provisioning.resume(tenant, by=self.actor)
        else:
            lifecycle.reinstate_tenant(by=self.actor, tenant=tenant)
        return self._done(tenant)


class KeepView(_ActView):
    """Calls a deletion off."""

    @extend_schema(
        operation_id="platform_tenants_keep",
        tags=["platform"],
        summary="Call a tenant's deletion off",
        description="It comes back suspended.",
        request=None,
        responses={
            200: PlatformTenantSerializer,
            **problems(errors=(*REFUSALS, exceptions.NoSuchTenantError, exceptions.WrongStateError)),
        },
    )
    def post(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Keep the tenant."""
        tenant = selectors.tenant_for_staff(tenant_id)
        lifecycle.cancel_deletion(by=self.actor, tenant=tenant)
        return self._done(tenant)


_OWNER_ERRORS = (exceptions.NoSuchTenantError, exceptions.GrantNeededError, exceptions.MailboxUnprovenError)


class OwnersView(PlatformAPIView):
    """The owners of a tenant."""

    serializer_class = OwnerSerializer
    rights: ClassVar = {"POST": "tenants.add_membership"}

    @extend_schema(
        operation_id="platform_tenants_add_owner",
        tags=["platform"],
        summary="Give a tenant an owner",
        description=(
            "A tenant without owners takes its first one at once (204). One that has owners is asked: they get a mail, "
            "and the person becomes an owner when one of them approves (202). An unknown person gets an account; ask "
            "for a new password for them to be able to sign in."
        ),
        request=OwnerSerializer,
        responses={
            202: None,
            204: None,
            **problems(400, errors=(*REFUSALS, *_OWNER_ERRORS)),
        },
        examples=[OpenApiExample("An owner", request_only=True, value={"email": "ada@acme.example"})],
    )
    def post(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """Make the person an owner."""
        asked = _read(OwnerSerializer(data=request.data))
        tenant = selectors.tenant_for_staff(tenant_id)
        made = requests.add_or_ask(by=self.actor, tenant=tenant, role=Role.OWNER, **asked)
        return Response(status=202 if isinstance(made, MemberRequest) else 204)


class TenantUsageView(ListModelMixin, PlatformAPIView):
    """What one tenant used, day by day."""

    serializer_class = UsageDaySerializer

    def get_queryset(self) -> QuerySet[UsageDay]:
        """Those of the tenant in the address."""
        return UsageDay.objects.filter(tenant=selectors.tenant_for_staff(self.kwargs["tenant_id"]))

    @extend_schema(
        operation_id="platform_tenants_usage",
        tags=["platform"],
        summary="List a tenant's usage by day, bot and model",
        responses={200: UsageDaySerializer(many=True), **problems(errors=(*REFUSALS, exceptions.NoSuchTenantError))},
    )
    def get(self, request: Request, tenant_id: uuid.UUID) -> Response:
        """The latest first; rolled up every hour."""
        return self.list(request)
