"""The page about budgets: set, changed and taken away, with what is spent of each."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bots.models import Bot
from chat.models import Budget
from chat.tests.fixtures import MakeBot
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.tests import factories

LIST = "/t/acme/settings/budgets/"


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def bot(make_bot: MakeBot) -> Bot:
    return make_bot()


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    with tenant_scope(acme):
        return work()


def test_a_budget_is_set_changed_and_taken_away(client: Client, bot: Bot, acme: Tenant) -> None:
    client.post(LIST, {"bot": str(bot.pk), "period": "month", "amount": "12.50"})
    budget: Budget = inside(acme, Budget.objects.get)
    page = client.get(LIST).content.decode()
    assert bot.name in page
    assert "12.50 USD" in page

    client.post(f"{LIST}{budget.pk}/", {"amount": "20"})
    assert inside(acme, Budget.objects.get).amount == Decimal(20)
    client.post(f"{LIST}{budget.pk}/delete/")
    assert inside(acme, Budget.objects.count) == 0


def test_a_second_budget_for_the_same_is_refused_and_kept(client: Client, bot: Bot, acme: Tenant) -> None:
    client.post(LIST, {"period": "day", "amount": "1"})

    again = client.post(LIST, {"period": "day", "amount": "7.25"})

    assert again.status_code == 422
    assert b'value="7.25"' in again.content
    assert inside(acme, Budget.objects.count) == 1


def test_an_editor_sees_budgets_and_changes_none(acme: Tenant) -> None:
    editor = Client(headers={"Accept": "text/html"})
    editor.force_login(factories.make_member(acme, "ed@acme.example", role=Role.EDITOR).user)

    assert b"Set the budget" not in editor.get(LIST).content
    assert editor.post(LIST, {"period": "day", "amount": "1"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 300])
def test_the_list_asks_as_often_for_one_as_for_many(client: Client, make_bot: MakeBot, acme: Tenant, rows: int) -> None:
    first = make_bot()
    with tenant_scope(acme):
        bots = Bot.objects.bulk_create(Bot(name=f"Bot {n}", slug=f"bot-{n}") for n in range(rows - 1))
        Budget.objects.bulk_create(Budget(bot=bot, period="day", amount=1) for bot in [first, *bots])

    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST).status_code == 200
    assert len(queries) <= 15
