"""Figures over HTTP: shape, filters, days, tables, and how many queries they take."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bots.models import Bot
from bots.services import create_bot
from chat.analytics.api.serializers import ComparisonSerializer, FiguresSerializer, shown
from chat.analytics.figures import Figures
from chat.analytics.tables import HEADINGS
from chat.analytics.tests.facts import answered
from datasets.models import Document
from datasets.services import create_dataset
from tenants.context import tenant_scope
from tenants.models import Tenant, TenantSettings
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

URL = "/v1/tenant/analytics"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = "since=2026-03-01&until=2026-03-31"


@pytest.fixture
def bot(acme: Tenant) -> Bot:
    with tenant_scope(acme):
        return create_bot(by=SYSTEM, name="Guide")


def _answered(tenant: Tenant, at: datetime = NOON, **values: Any) -> None:
    with tenant_scope(tenant):
        answered(at, **values)


def _get(client: Client, key: str, path: str) -> Any:
    answer = client.get(f"{URL}{path}", headers=bearer(key))
    assert answer.status_code == 200, answer.content
    return answer


def _table(answer: Any) -> list[dict[str, str]]:
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_figures_come_with_those_of_as_many_days_before(client: Client, acme: Tenant, api_key: str) -> None:
    _answered(acme)
    _answered(acme, has_evidence=False)
    _answered(acme, NOON - timedelta(days=30))

    shown = _get(client, api_key, f"?{MARCH}").json()

    assert (shown["since"], shown["until"], shown["time_zone"]) == ("2026-03-01", "2026-03-31", "UTC")
    assert shown["previous"] == {"since": "2026-01-29", "until": "2026-02-28"}
    assert (shown["figures"]["questions"], shown["previous_figures"]["questions"]) == (2, 1)
    assert shown["figures"]["answered_rate"] == 0.5
    assert shown["figures"]["cost"] == "0.00200000"


def test_figures_are_shown_as_the_schema_says() -> None:
    figures = Figures(questions=3, up=1)
    assert shown(figures) == dict(FiguresSerializer(figures).data)
    assert set(ComparisonSerializer().fields) == {
        "since", "until", "time_zone", "figures", "previous", "previous_figures",
    }  # fmt: skip


def test_as_usual_they_are_of_the_last_thirty_days_in_the_tenants_time_zone(
    client: Client, acme: Tenant, api_key: str
) -> None:
    TenantSettings.objects.create(tenant=acme, time_zone="Pacific/Auckland")
    _answered(acme, timezone.now())
    shown = _get(client, api_key, "").json()
    assert shown["time_zone"] == "Pacific/Auckland"
    assert shown["figures"]["questions"] == 1


def test_they_can_be_narrowed_down(client: Client, acme: Tenant, api_key: str, bot: Bot) -> None:
    _answered(acme, bot_id=bot.pk, channel="api", model="gpt-x")
    _answered(acme)
    for narrowing in (f"bot_id={bot.pk}", "channel=api", "model=gpt-x"):
        assert _get(client, api_key, f"?{MARCH}&{narrowing}").json()["figures"]["questions"] == 1
    assert _get(client, api_key, f"?{MARCH}&model=gpt-x&channel=widget").json()["figures"]["questions"] == 0


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("since=2026-03-02&until=2026-03-01", 422, "analytics_period"),
        ("since=2024-03-02&until=2026-03-01", 422, "analytics_period"),
        ("since=yesterday", 400, "invalid_request"),
        ("channel=pigeon", 400, "invalid_request"),
        ("bot_id=7", 400, "invalid_request"),
    ],
)
def test_what_cannot_be_had_is_refused(
    client: Client, acme: Tenant, api_key: str, query: str, status: int, code: str
) -> None:
    for path in ("", "/breakdown", "/documents"):
        if path == "/documents" and "channel" in query:
            continue
        answer = client.get(f"{URL}{path}?{query}", headers=bearer(api_key))
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_they_come_by_day_bot_and_channel_with_names(client: Client, acme: Tenant, api_key: str, bot: Bot) -> None:
    gone = uuid.uuid4()
    _answered(acme, bot_id=bot.pk)
    _answered(acme, bot_id=bot.pk)
    _answered(acme, bot_id=gone)

    def by(what: str) -> list[tuple[str, str, int]]:
        results = _get(client, api_key, f"/breakdown?{MARCH}&by={what}").json()["results"]
        return [(one["key"], one["name"], one["figures"]["questions"]) for one in results]

    assert by("bot") == [(str(bot.pk), "Guide", 2), (str(gone), "", 1)]
    assert by("channel") == [("widget", "Widget", 3)]
    assert by("day")[9] == ("2026-03-10", "2026-03-10", 3)
    assert len(by("day")) == 31
    assert by("month") == [("2026-03-01", "2026-03-01", 3)]


def test_a_breakdown_comes_as_a_table_that_no_spreadsheet_takes_for_a_formula(
    client: Client, acme: Tenant, api_key: str
) -> None:
    _answered(acme, model="=HYPERLINK(1)")
    answer = _get(client, api_key, f"/breakdown.csv?{MARCH}&by=model")
    (row,) = _table(answer)
    assert "figures-by-model-2026-03-01-2026-03-31.csv" in answer.headers["Content-Disposition"]
    assert list(row) == ["model", "name", *HEADINGS]
    assert (row["model"], row["questions"], row["cost"]) == ("'=HYPERLINK(1)", "1", "0.00100000")
    assert row["satisfaction"] == "", "where there is nothing to tell the cell is empty"


def test_documents_come_as_a_list_and_as_a_table(client: Client, acme: Tenant, api_key: str) -> None:
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name="Handbook")
        document = Document.objects.create(dataset=dataset, name="+rules", sha256="1", size_bytes=1, version=1)
        answered(NOON, cited=[document.pk])
    shown = _get(client, api_key, f"/documents?{MARCH}").json()
    assert (shown["cited"], shown["never_cited"]) == (1, 0)
    assert shown["results"] == [
        {
            "document_id": str(document.pk),
            "name": "+rules",
            "dataset_id": str(dataset.pk),
            "dataset": "Handbook",
            "answers": 1,
            "last_cited": "2026-03-10",
        }
    ]
    (row,) = _table(_get(client, api_key, f"/documents.csv?{MARCH}"))
    assert (row["name"], row["answers"], row["last_cited"]) == ("'+rules", "1", "2026-03-10")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("", 4), ("/breakdown?by=bot", 5), ("/documents", 4)])
def test_however_much_there_is_the_queries_are_as_many(
    client: Client,
    acme: Tenant,
    api_key: str,
    bot: Bot,
    path: str,
    queries: int,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(count):
        _answered(acme, timezone.now(), bot_id=uuid.UUID(int=number), model=str(number))
    with django_assert_num_queries(queries):
        _get(client, api_key, path)
