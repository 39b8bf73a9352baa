"""Plans and their quotas, for the platform's staff."""

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
from tenants.api.platform.serializers import PlanSerializer
from tenants.api.platform.tenants import REFUSALS
from tenants.api_base import PlatformAPIView
from tenants.models import Plan
from tenants.services import catalogue

_EXAMPLE = OpenApiExample(
    "A plan",
    request_only=True,
    value={"code": "standard", "name": "Standard", "max_bots": 10, "max_monthly_messages": 20000},
)


class PlansView(ListModelMixin, PlatformAPIView):
    """All plans, and new ones."""

    serializer_class = PlanSerializer
    rights: ClassVar = {"POST": "tenants.add_plan"}

    def get_queryset(self) -> QuerySet[Plan]:
        """All of them."""
        return Plan.objects.all()

    @extend_schema(
        operation_id="platform_plans_list",
        tags=["platform"],
        summary="List plans",
        responses={200: PlanSerializer(many=True), **problems(errors=REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="platform_plans_create",
        tags=["platform"],
        summary="Make a plan",
        description="A limit that is absent or null is no limit. As the default it is what new tenants get.",
        request=PlanSerializer,
        responses={201: PlanSerializer, **problems(400, errors=(*REFUSALS, exceptions.PlanCodeTakenError))},
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Make a plan."""
        asked = PlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = Plan(**asked.validated_data)
        catalogue.save_plan(by=self.actor, plan=plan)
        return self.tagged(plan, PlanSerializer(plan).data, status=201)


class PlanView(PlatformAPIView):
    """One plan."""

    serializer_class = PlanSerializer
    rights: ClassVar = {"PATCH": "tenants.change_plan", "DELETE": "tenants.delete_plan"}

    @extend_schema(
        operation_id="platform_plans_read",
        tags=["platform"],
        summary="Show a plan",
        responses={200: PlanSerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchPlanError))},
    )
    def get(self, request: Request, plan_id: uuid.UUID) -> Response:
        """Give one plan with its limits."""
        plan = selectors.plan_by_id(plan_id)
        return self.tagged(plan, PlanSerializer(plan).data)

    @extend_schema(
        operation_id="platform_plans_update",
        tags=["platform"],
        summary="Change a plan",
        description="Holds for all tenants that have it, at once.",
        request=PlanSerializer(partial=True),
        responses={
            200: PlanSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchPlanError, exceptions.PlanCodeTakenError)),
        },
        examples=[OpenApiExample("No limit", request_only=True, value={"max_bots": None})],
    )
    def patch(self, request: Request, plan_id: uuid.UUID) -> Response:
        """Change what is sent."""
        plan = selectors.plan_by_id(plan_id)
        asked = PlanSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        with self.unchanged(plan):
            for name, value in asked.validated_data.items():
                setattr(plan, name, value)
            catalogue.save_plan(by=self.actor, plan=plan)
        return self.tagged(plan, PlanSerializer(plan).data)

    @extend_schema(
        operation_id="platform_plans_delete",
        tags=["platform"],
        summary="Delete a plan",
        responses={
            204: None,
            **problems(errors=(*REFUSALS, exceptions.NoSuchPlanError, exceptions.PlanInUseError)),
        },
    )
    def delete(self, request: Request, plan_id: uuid.UUID) -> Response:
        """Delete a plan that no tenant has."""
        plan = selectors.plan_by_id(plan_id)
        with self.unchanged(plan):
            catalogue.delete_plan(by=self.actor, plan=plan)
        return Response(status=204)
