"""Tests of /v1/tenant/usage and /v1/tenant/quota."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode

from bots.models import Bot
from bots.services import create_bot
from chat.enums import Channel, MessageRole, MessageStatus
from chat.models import Conversation, Message, Usage
from datasets.services import create_dataset, upload_document
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import Membership, Plan, Tenant
from tenants.services import api_keys, invitations
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

URL = "/v1/tenant/usage"
QUOTA = "/v1/tenant/quota"
TODAY = timezone.now().date()


@pytest.fixture
def bots(acme: Tenant) -> tuple[Bot, Bot]:
    """Two bots of acme, the first used twice today and once a week ago, the second once today."""
    with tenant_scope(acme):
        first, second = (create_bot(by=SYSTEM, name=name) for name in ("=Shop", "Help"))
        for bot, days_ago, cost in ((first, 0, "0.5"), (first, 0, None), (first, 7, "0.25"), (second, 0, "1")):
            Usage.objects.create(
                bot_id=bot.pk,
                model="m" if cost else "unpriced",
                prompt_tokens=10,
                completion_tokens=2,
                cost=Decimal(cost) if cost else None,
                day=TODAY - timedelta(days=days_ago),
            )
    return first, second


def _get(client: Client, who: str, **query: Any) -> Any:
    return client.get(f"{URL}?{urlencode(query)}", headers=bearer(who))


def test_usage_is_summed_up_by_day_in_order(client: Client, access_token: str, bots: tuple[Bot, Bot]) -> None:
    report = _get(client, access_token).json()
    days = [(line["day"], line["messages"], line["cost"]) for line in report["results"]]
    week_ago = (TODAY - timedelta(days=7)).isoformat()
    assert days == [(week_ago, 1, "0.25000000"), (TODAY.isoformat(), 3, "1.50000000")]
    assert (report["total"]["messages"], report["total"]["prompt_tokens"], report["total"]["unpriced"]) == (4, 40, 1)


def test_usage_is_summed_up_by_bot_the_most_used_first_deleted_ones_included(
    client: Client, acme: Tenant, access_token: str, bots: tuple[Bot, Bot]
) -> None:
    with tenant_scope(acme):
        Bot.objects.filter(pk=bots[1].pk).delete()
    lines = _get(client, access_token, group_by="bot").json()["results"]
    assert [(line["bot"]["name"], line["messages"]) for line in lines] == [("=Shop", 3), (None, 1)]
    assert lines[1]["bot"]["id"] == str(bots[1].pk)


def test_usage_is_summed_up_by_model(client: Client, access_token: str, bots: tuple[Bot, Bot]) -> None:
    lines = _get(client, access_token, group_by="model").json()["results"]
    assert [(line["model"], line["messages"], line["unpriced"]) for line in lines] == [("m", 3, 0), ("unpriced", 1, 1)]


def test_usage_is_narrowed_down(client: Client, access_token: str, bots: tuple[Bot, Bot]) -> None:
    def messages(**query: Any) -> int:
        return int(_get(client, access_token, **query).json()["total"]["messages"])

    assert messages(bot_id=bots[1].pk) == 1
    assert messages(model="unpriced") == 1
    assert messages(since=TODAY) == 3
    assert messages(until=TODAY - timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"since": "2026-02-02", "until": "2026-02-01"}, 422),
        ({"since": "2020-01-01", "until": "2026-02-01"}, 422),
        ({"since": "yesterday"}, 400),
        ({"group_by": "tenant"}, 400),
    ],
)
def test_an_impossible_period_is_refused(client: Client, access_token: str, query: dict[str, str], status: int) -> None:
    for path in (URL, f"{URL}.csv"):
        assert client.get(f"{path}?{urlencode(query)}", headers=bearer(access_token)).status_code == status


def test_a_key_for_one_bot_sees_the_usage_of_that_one(client: Client, acme: Tenant, bots: tuple[Bot, Bot]) -> None:
    _, plain = api_keys.create_api_key(by=SYSTEM, tenant=acme, name="One", scopes=[Scope.READ], bot_ids=[bots[1].pk])
    assert _get(client, plain).json()["total"]["messages"] == 1
    assert _get(client, plain, bot_id=bots[0].pk).json()["total"]["messages"] == 0


def test_another_tenants_usage_is_not_counted(client: Client, globex_api_key: str, bots: tuple[Bot, Bot]) -> None:
    assert _get(client, globex_api_key).json()["total"]["messages"] == 0
    assert _get(client, globex_api_key, bot_id=bots[0].pk).json()["results"] == []


@pytest.mark.parametrize("group", ["day", "bot", "model"])
def test_the_table_says_what_the_report_says(
    client: Client, access_token: str, bots: tuple[Bot, Bot], group: str
) -> None:
    report = _get(client, access_token, group_by=group).json()["results"]
    answer = client.get(f"{URL}.csv?group_by={group}", headers=bearer(access_token))
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [int(row["messages"]) for row in rows] == [line["messages"] for line in report]
    if group == "bot":
        assert rows[0]["bot"] == "'=Shop"


@pytest.mark.parametrize("group", ["day", "bot", "model"])
def test_the_report_takes_as_many_queries_for_many_lines_as_for_one(
    client: Client,
    acme: Tenant,
    access_token: str,
    bots: tuple[Bot, Bot],
    group: str,
    django_assert_max_num_queries: Any,
) -> None:
    with django_assert_max_num_queries(4):
        _get(client, access_token, group_by=group)


# --- quota ---------------------------------------------------------------------------------------------------


def _quota(client: Client, who: str) -> Any:
    answer = client.get(QUOTA, headers=bearer(who))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_without_a_plan_nothing_is_limited_and_all_is_counted(
    client: Client, access_token: str, bots: tuple[Bot, Bot]
) -> None:
    quota = _quota(client, access_token)
    assert quota["plan"] is None
    assert quota["bots"] == {"limit": None, "used": 2, "left": None}
    assert quota["monthly_cost"]["limit"] is None


def test_each_limit_is_shown_with_what_is_used_and_left(
    client: Client, acme: Tenant, access_token: str, bots: tuple[Bot, Bot]
) -> None:
    acme.plan = Plan.objects.create(
        code="small",
        name="Small",
        max_bots=1,
        max_datasets=3,
        max_documents=5,
        max_storage_bytes=1000,
        max_members=4,
        max_monthly_messages=10,
        max_monthly_cost=Decimal("2.5"),
    )
    acme.save()
    gone = factories.make_member(acme, "gone@acme.example", role=Role.VIEWER)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    invitations.create_invitation(by=SYSTEM, tenant=acme, email="new@acme.example", role=Role.VIEWER)
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name="Papers")
        upload_document(by=SYSTEM, dataset=dataset, name="a.txt", file=ContentFile(b"0123456789", "a.txt"))
        talk = Conversation.objects.create(bot=bots[0], channel=Channel.API, actor_type="system")
        Message.objects.create(conversation=talk, seq=2, role=MessageRole.ASSISTANT, status=MessageStatus.STREAMING)
        Usage.objects.exclude(day=TODAY).delete()
    quota = _quota(client, access_token)
    assert quota["plan"] == {"code": "small", "name": "Small"}
    assert quota["bots"] == {"limit": 1, "used": 2, "left": 0}
    assert quota["datasets"] == {"limit": 3, "used": 1, "left": 2}
    assert quota["documents"] == {"limit": 5, "used": 1, "left": 4}
    assert quota["storage_bytes"] == {"limit": 1000, "used": 10, "left": 990}
    assert quota["members"] == {"limit": 4, "used": 2, "left": 2}
    assert quota["monthly_messages"] == {"limit": 10, "used": 4, "left": 6}
    assert quota["monthly_cost"] == {"limit": "2.50000000", "used": "1.50000000", "left": "1.00000000"}
    assert quota["resets_at"].endswith("-01T00:00:00Z")


def test_an_archived_bot_takes_no_place(client: Client, acme: Tenant, access_token: str, bots: tuple[Bot, Bot]) -> None:
    with tenant_scope(acme):
        Bot.objects.filter(pk=bots[0].pk).update(archived_at=timezone.now())
    assert _quota(client, access_token)["bots"]["used"] == 1
