"""How much may be spent on models in a day or month, and how much was."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chat.enums import BudgetPeriod
from chat.models import Budget
from chat.money import selectors
from chat.money.exceptions import BudgetTakenError, NoSuchBudgetError
from chat.money.selectors import budget_by_id
from chat.money.services import budgets
from chat.money.services.ledger import BudgetAccount, accounts_of
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError, PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

_REFUSALS = (CredentialError, PermissionDeniedError)
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b9",
    "bot_id": None,
    "period": "month",
    "amount": "50.0000",
    "currency": "USD",
    "spent": "12.40310000",
    "reserved": "0.00000000",
    "starts": "2026-05-01",
    "resets_at": "2026-06-01T00:00:00Z",
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
}


class AmountField(serializers.DecimalField):
    """US dollars."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=10, decimal_places=4, min_value=Decimal(0), max_value=budgets.MAX_AMOUNT, **options)


class BudgetQuery(serializers.Serializer[Any]):
    """Which budgets to list."""

    bot_id = serializers.UUIDField(required=False, help_text="Those of this bot.")
    period = serializers.ChoiceField(
        choices=BudgetPeriod.choices, required=False, help_text="Only budgets of a day, or only those of a month."
    )


class NewBudgetSerializer(serializers.Serializer[Any]):
    """A budget to be."""

    bot_id = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Null: the whole tenant.")
    period = serializers.ChoiceField(choices=BudgetPeriod.choices, help_text="In UTC.")
    amount = AmountField(help_text="In US dollars.")


class BudgetChangesSerializer(serializers.Serializer[Any]):
    """What may be changed of a budget."""

    amount = AmountField(required=False, help_text="How much may be spent in each period, in US dollars.")


class BudgetSerializer(serializers.ModelSerializer[Budget]):
    """A budget, with what was spent of it in the present period; the context's `accounts` has that."""

    bot_id = serializers.UUIDField(
        allow_null=True, read_only=True, help_text="The bot that it bounds; null: all of the tenant's together."
    )
    currency = serializers.SerializerMethodField(help_text="What the amounts are in: `USD`.")
    spent = serializers.SerializerMethodField(help_text="In the present period.")
    reserved = serializers.SerializerMethodField(help_text="Set aside for answers under way.")
    starts = serializers.SerializerMethodField(help_text="The first day of the present period, in UTC.")
    resets_at = serializers.SerializerMethodField(
        help_text="When the next period begins, and with it the whole amount is there again."
    )

    class Meta:
        model = Budget
        fields = [
            "id", "bot_id", "period", "amount", "currency", "spent", "reserved", "starts", "resets_at", "created_at",
            "updated_at",
        ]  # fmt: skip
        help_texts = {
            "amount": "How much may be spent in each period, in `currency`.",
            "period": "For how long the amount must last; periods begin at midnight UTC.",
        }

    def get_currency(self, budget: Budget) -> str:
        """Return what amounts are in."""
        return "USD"

    @extend_schema_field(serializers.DecimalField(max_digits=18, decimal_places=8))
    def get_spent(self, budget: Budget) -> str:
        """Return what was spent."""
        return f"{self._account(budget).spent:.8f}"

    @extend_schema_field(serializers.DecimalField(max_digits=18, decimal_places=8))
    def get_reserved(self, budget: Budget) -> str:
        """Return what is set aside."""
        return f"{self._account(budget).reserved:.8f}"

    @extend_schema_field(serializers.DateField())
    def get_starts(self, budget: Budget) -> str:
        """Return the first day of the present period."""
        return self._account(budget).limit.starts.isoformat()

    @extend_schema_field(serializers.DateTimeField())
    def get_resets_at(self, budget: Budget) -> str:
        """Return when the next period begins."""
        return self._account(budget).limit.resets_at.isoformat().replace("+00:00", "Z")

    def _account(self, budget: Budget) -> BudgetAccount:
        accounts: dict[uuid.UUID, BudgetAccount] = self.context["accounts"]
        return accounts[budget.pk]


def _shown(*rows: Budget) -> list[Any]:
    context = {"accounts": accounts_of(rows)}
    return [BudgetSerializer(row, context=context).data for row in rows]


class BudgetsView(ListModelMixin, TenantAPIView):
    """The budgets of the tenant."""

    capabilities: ClassVar = {"GET": Capability.BUDGETS_READ, "POST": Capability.BUDGETS_WRITE}
    serializer_class = BudgetSerializer

    def get_queryset(self) -> QuerySet[Budget]:
        """Those that are asked for."""
        return selectors.budgets(by=self.actor, **serializers.checked_query(BudgetQuery, self.request))

    @extend_schema(
        operation_id="budgets_list",
        tags=["budgets"],
        summary="List budgets",
        parameters=[BudgetQuery],
        responses={200: BudgetSerializer(many=True), **problems(400, errors=_REFUSALS)},
        examples=[OpenApiExample("A budget", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Give a page of budgets, newest first, each with what was spent of it."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(_shown(*page))

    @extend_schema(
        operation_id="budgets_create",
        tags=["budgets"],
        summary="Set a budget",
        description=(
            "Bounds what the tenant, or one bot, may spend on models in each day or month. Before a model is asked, "
            "what the answer may cost at the most is set aside; when there is not enough left, the answer is held to "
            "what is, and when there is next to nothing, the question is refused with 402. A model of unknown price "
            "is not asked while a budget is set."
        ),
        request=NewBudgetSerializer,
        responses={201: BudgetSerializer, **problems(400, errors=(*_REFUSALS, BudgetTakenError, InvalidInputError))},
        examples=[
            OpenApiExample("Of the tenant", value={"period": "month", "amount": "50.00"}, request_only=True),
            OpenApiExample("The budget", value=_EXAMPLE, response_only=True, status_codes=[201]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Set a budget."""
        asked = NewBudgetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        budget = budgets.create_budget(by=self.actor, **asked.validated_data)
        return self.tagged(budget, _shown(budget)[0], 201)


class BudgetView(TenantAPIView):
    """One budget."""

    capabilities: ClassVar = {
        "GET": Capability.BUDGETS_READ,
        "PATCH": Capability.BUDGETS_WRITE,
        "DELETE": Capability.BUDGETS_WRITE,
    }
    serializer_class = BudgetSerializer

    @extend_schema(
        operation_id="budgets_read",
        tags=["budgets"],
        summary="Show a budget",
        responses={200: BudgetSerializer, **problems(errors=(*_REFUSALS, NoSuchBudgetError))},
    )
    def get(self, request: Request, budget_id: uuid.UUID) -> Response:
        """Give a budget with what was spent of it."""
        budget = budget_by_id(budget_id, by=self.actor)
        return self.tagged(budget, _shown(budget)[0])

    @extend_schema(
        operation_id="budgets_update",
        tags=["budgets"],
        summary="Change a budget",
        request=BudgetChangesSerializer,
        responses={
            200: BudgetSerializer,
            **problems(400, errors=(*_REFUSALS, NoSuchBudgetError, PreconditionFailedError)),
        },
        examples=[OpenApiExample("More", value={"amount": "80.00"}, request_only=True)],
    )
    def patch(self, request: Request, budget_id: uuid.UUID) -> Response:
        """Change the amount; it counts from the next question on."""
        asked = BudgetChangesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        budget = budget_by_id(budget_id, by=self.actor)
        with self.unchanged(budget):
            budget = budgets.update_budget(by=self.actor, budget=budget, **asked.validated_data)
        return self.tagged(budget, _shown(budget)[0])

    @extend_schema(
        operation_id="budgets_delete",
        tags=["budgets"],
        summary="Remove a budget",
        responses={204: None, **problems(errors=(*_REFUSALS, NoSuchBudgetError, PreconditionFailedError))},
    )
    def delete(self, request: Request, budget_id: uuid.UUID) -> Response:
        """Remove a budget: nothing bounds what it bounded."""
        budget = budget_by_id(budget_id, by=self.actor)
        with self.unchanged(budget):
            budgets.delete_budget(by=self.actor, budget=budget)
        return Response(status=204)
