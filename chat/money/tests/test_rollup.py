"""Tests of rolling usage up: the counters are what the usage says, whatever happened meanwhile."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from chat import tasks
from chat.models import Conversation, Usage
from chat.money.services import rollup
from chat.tests.fixtures import MakeBot
from chatcms.celery import app
from chatcms.core.http import ratelimit
from tenants.context import tenant_scope
from tenants.models import Tenant, UsageDay
from tenants.tests import factories

TODAY = timezone.now().date()
BOTS = uuid.uuid4(), uuid.uuid4()

TOKENS = ("prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")

Truth = dict[tuple[date, uuid.UUID, str], dict[str, Any]]


def _use(tenant: Tenant, *, days_ago: int = 0, bot: uuid.UUID = BOTS[0], model: str = "m", **more: Any) -> None:
    values = {"prompt_tokens": 10, "completion_tokens": 3, "cost": Decimal("0.25"), **more}
    values = {"cache_read_tokens": 4, "cache_write_tokens": 3, "reasoning_tokens": 2, **values}
    with tenant_scope(tenant):
        Usage.objects.create(bot_id=bot, model=model, day=TODAY - timedelta(days=days_ago), **values)


def _truth(tenant: Tenant) -> Truth:
    """Every counter, added up row by row."""
    sums: dict[Any, Counter[str]] = defaultdict(Counter)
    with tenant_scope(tenant):
        for row in Usage.objects.all():
            counted = {"messages": 1, "cost": row.cost or 0, "unpriced": int(row.cost is None)}
            for name, number in (counted | {name: getattr(row, name) for name in TOKENS}).items():
                sums[row.day, row.bot_id, row.model][name] += number
    return {key: dict(counted) for key, counted in sums.items()}


def _counted(tenant: Tenant) -> Truth:
    return {
        (row.day, row.bot_id, row.model): {
            name: getattr(row, name) for name in ("messages", "cost", "unpriced", *TOKENS)
        }
        for row in UsageDay.objects.filter(tenant=tenant)
    }  # fmt: skip


def _assert_true(*tenants: Tenant) -> None:
    for tenant in tenants:
        assert _counted(tenant) == _truth(tenant)


def test_the_counters_are_what_every_tenants_usage_says(acme: Tenant, globex: Tenant) -> None:
    for tenant, times in ((acme, 3), (globex, 1)):
        for _ in range(times):
            for bot in BOTS:
                for model in ("m", "n"):
                    for days_ago in (0, 1, 40):
                        _use(tenant, days_ago=days_ago, bot=bot, model=model, prompt_tokens=times)
    _use(acme, cost=None, model="of unknown price")
    assert rollup.roll_up_everywhere() == Tenant.objects.provisioned().count()
    assert len(_counted(acme)) == 13
    _assert_true(acme, globex)


def test_rolled_up_again_nothing_is_counted_twice(acme: Tenant) -> None:
    _use(acme)
    for _ in range(3):
        rollup.roll_up_everywhere()
    assert [row.messages for row in UsageDay.objects.filter(tenant=acme)] == [1]
    _use(acme)
    rollup.roll_up_everywhere()
    _assert_true(acme)


def test_after_a_time_of_standing_still_all_is_caught_up_with(acme: Tenant) -> None:
    _use(acme, days_ago=9)
    rollup.roll_up_everywhere()
    # More of the day on which it stood still, and of each day since.
    for days_ago in range(10):
        _use(acme, days_ago=days_ago)
    rollup.roll_up_everywhere()
    assert len(_counted(acme)) == 10
    _assert_true(acme)


def test_an_answer_that_was_written_after_midnight_is_counted_for_its_day(acme: Tenant) -> None:
    _use(acme, days_ago=1)
    _use(acme)
    rollup.roll_up_everywhere()
    _use(acme, days_ago=1)
    rollup.roll_up_everywhere()
    _assert_true(acme)


def test_what_is_no_longer_so_is_not_counted_any_more(acme: Tenant) -> None:
    _use(acme)
    _use(acme, model="renamed")
    rollup.roll_up_everywhere()
    with tenant_scope(acme):
        Usage.objects.filter(model="renamed").delete()
    rollup.roll_up_everywhere()
    _assert_true(acme)


def test_days_counted_before_get_the_tokens_of_caches_and_thoughts(acme: Tenant, globex: Tenant) -> None:
    for tenant in (acme, globex):
        for days_ago in (0, 1, 40):
            _use(tenant, days_ago=days_ago)
            _use(tenant, days_ago=days_ago, cache_read_tokens=7)
    rollup.roll_up_everywhere()
    # Of a bot whose usage is not there any more, what was counted stays.
    lone = UsageDay.objects.create(
        tenant=acme, day=TODAY - timedelta(days=50), bot_id=BOTS[1], model="m", messages=1, prompt_tokens=1,
        completion_tokens=1, cost=0,
    )  # fmt: skip
    UsageDay.objects.update(cache_read_tokens=None, cache_write_tokens=None, reasoning_tokens=None)

    rollup.roll_up_everywhere()

    lone.refresh_from_db()
    assert (lone.messages, lone.cache_read_tokens) == (1, 0)
    lone.delete()
    _assert_true(acme, globex)


def test_a_tenant_without_usage_has_no_counters(acme: Tenant) -> None:
    rollup.roll_up_everywhere()
    assert not UsageDay.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_tenant_whose_schema_is_broken_holds_up_no_other(acme: Tenant, globex: Tenant) -> None:
    for tenant in (acme, globex):
        _use(tenant)
    with _renamed(acme, "usage", "usage_gone"):
        assert rollup.roll_up_everywhere() == Tenant.objects.provisioned().count() - 1
    assert _counted(acme) == {}
    _assert_true(globex)


@contextmanager
def _renamed(tenant: Tenant, name: str, other: str) -> Iterator[None]:
    _rename(tenant, name, other)
    try:
        yield
    finally:
        _rename(tenant, other, name)


def _rename(tenant: Tenant, name: str, other: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{tenant.schema_name}".{name} RENAME TO {other}')


def test_beat_has_it_done_every_hour() -> None:
    entry: Any = settings.CELERY_BEAT_SCHEDULE["roll-up-usage"]
    assert entry["task"] == tasks.roll_up_usage_everywhere.name
    assert entry["task"] in app.tasks
    assert len(entry["schedule"].minute) == 1
    assert len(entry["schedule"].hour) == 24


@pytest.mark.django_db(transaction=True)
def test_staff_see_what_was_answered_also_when_the_conversation_is_deleted(
    make_bot: MakeBot, acme: Tenant, api_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = make_bot()
    visitor = APIClient(headers={"authorization": f"Bearer {api_key}"})
    for _ in range(3):
        answer = visitor.post(f"/v1/chat/bots/{bot.pk}/messages", {"message": "What about returns?"}, format="json")
        assert answer.status_code == 200, answer.content
    tasks.roll_up_usage_everywhere()
    with tenant_scope(acme):
        Conversation.objects.all().delete()
    tasks.roll_up_usage_everywhere()
    _assert_true(acme)
    factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    monkeypatch.setattr(ratelimit, "NAMESPACE", uuid.uuid4().hex)
    asked = {"email": "root@platform.example", "password": factories.PASSWORD}
    access = APIClient().post("/v1/admin/token", asked, format="json").json()["access"]
    report = APIClient(headers={"authorization": f"Bearer {access}"}).get("/v1/admin/usage").json()
    assert [(line["tenant"]["slug"], line["messages"]) for line in report["results"]] == [("acme", 3)]
