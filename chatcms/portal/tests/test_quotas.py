"""How much of the plan is used is one figure, wherever it is asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bots.exceptions import TooManyBotsError
from bots.models import Bot
from bots.services import create_bot
from chat.models import Usage
from chat.money.selectors import messages_this_month
from chat.money.services.reports import quota
from chat.money.services.rollup import roll_up
from datasets.exceptions import DatasetQuotaError, DocumentQuotaError
from datasets.models import Document
from datasets.quota import check_dataset, check_document
from datasets.tests.knowledge import make_dataset
from tenants import quotas
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.exceptions import MemberQuotaError
from tenants.models import Membership, Plan, Tenant
from tenants.services import near_quota
from tenants.services.invitations import create_invitation
from tenants.types import SYSTEM

Figures = dict[str, tuple[Any, Any]]


@pytest.fixture
def full(acme: Tenant, owner: Membership) -> Tenant:
    """A tenant whose plan is used up: an owner and an open invitation are its two members."""
    acme.plan = Plan.objects.create(
        code="full",
        name="Full",
        max_members=2,
        max_bots=2,
        max_datasets=1,
        max_documents=1,
        max_storage_bytes=1000,
        max_monthly_messages=1,
        max_monthly_cost=Decimal(2),
    )
    acme.save()
    create_invitation(by=SYSTEM, tenant=acme, email="new@acme.example", role=Role.EDITOR)
    with tenant_scope(acme):
        first, second = create_bot(by=SYSTEM, name="A"), create_bot(by=SYSTEM, name="B")
        Document.objects.create(
            dataset=make_dataset(), name="x", content_type="text/plain", size_bytes=900, sha256="x", storage_key="x"
        )
        today = timezone.now().date()
        Usage.objects.create(
            bot_id=first.pk, model="m", prompt_tokens=1, completion_tokens=1, day=today, cost=Decimal("1.9")
        )
        roll_up(tenant=acme)
        assert Bot.objects.unarchived().count() == 2
        assert second.pk
    return acme


def test_the_dashboard_the_api_the_admin_and_the_condition_say_the_same(full: Tenant, owner: Membership) -> None:
    with tenant_scope(full):
        told = quota(tenant=full)
    api: Figures = {name: (told[name].used, told[name].limit) for name in quotas.FIGURES}
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    dashboard: Figures = {each.name: (each.used, each.limit) for each in client.get("/t/acme/").context["quotas"]}
    admin: Figures = {each.name: (each.used, each.limit) for each in near_quota.quotas_of(full)}

    assert api["members"] == (2, 2)
    assert admin == api
    assert dashboard == {name: figure for name, figure in api.items() if name != "monthly_cost"}
    assert [(tenant.pk, each.share) for tenant, each in near_quota.tenants_near()] == [(full.pk, 1.0)]


def test_what_is_shown_as_used_up_is_refused(full: Tenant) -> None:
    with pytest.raises(MemberQuotaError):
        create_invitation(by=SYSTEM, tenant=full, email="more@acme.example", role=Role.EDITOR)
    with tenant_scope(full):
        with pytest.raises(TooManyBotsError):
            create_bot(by=SYSTEM, name="C")
        with pytest.raises(DatasetQuotaError):
            check_dataset()
        with pytest.raises(DocumentQuotaError):
            check_document(1)


def test_every_limit_of_a_plan_has_one_figure() -> None:
    limits = {field.name.removeprefix("max_") for field in Plan._meta.get_fields() if field.name.startswith("max_")}

    assert limits == set(quotas.FIGURES)
    assert len(quotas.columns(*quotas.FIGURES)) == len(limits)


def test_answers_are_refused_by_the_figure_that_is_shown(full: Tenant) -> None:
    with tenant_scope(full):
        assert messages_this_month() == quota(tenant=full)["monthly_messages"].used == 1
