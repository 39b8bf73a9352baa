"""How often documents are cited is what their answers say, summed up or not, over days and whole months."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from bots.services import create_bot
from chat.analytics.documents import documents_used
from chat.analytics.period import Period
from chat.analytics.services.day_sums import sum_up
from chat.analytics.tests.facts import answered
from chat.models import AnalyticsDocument, Usage
from datasets.models import Dataset, Document
from datasets.services import create_dataset, delete_document
from tenants.models import Tenant
from tenants.types import SYSTEM, Actor

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "UTC")


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return create_dataset(by=SYSTEM, name="Handbook")


def _documents(dataset: Dataset, *names: str) -> list[Document]:
    rows = [
        Document(dataset=dataset, name=name, sha256=f"{dataset.pk}{name}"[-64:], size_bytes=1, state="ready", version=1)
        for name in names
    ]
    return Document.objects.bulk_create(rows)


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize(
    "period",
    [
        MARCH,
        Period(date(2026, 1, 20), date(2026, 4, 9), "UTC"),
        Period(date(2026, 3, 5), date(2026, 3, 20), "UTC"),
        Period(date(2026, 2, 1), date(2026, 3, 15), "UTC"),
    ],
    ids=lambda period: f"{period.since}..{period.until}",
)
def test_documents_are_counted_as_one_by_one(dataset: Dataset, period: Period, summed: bool) -> None:
    documents = _documents(dataset, "a", "b", "c", "d")
    dice = random.Random(2)
    for _ in range(300):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(24 * 120))
        answered(at, cited=[one.pk for one in dice.sample(documents[:3], dice.randrange(3))])
    if summed:
        sum_up(tenant_id=Tenant.objects.get(slug="acme").pk)

    used = documents_used(by=SYSTEM, period=period)

    rows = [row for row in Usage.objects.all() if period.begins <= row.asked_at < period.ends]
    expected = Counter(document for row in rows for document in row.cited)
    assert {line.document_id: line.answers for line in used.lines} == {one.pk: expected[one.pk] for one in documents}
    for line in used.lines:
        days = [row.asked_at.date() for row in rows if line.document_id in row.cited]
        assert line.last_cited == (max(days) if days else None)
    assert [line.answers for line in used.lines] == [*sorted(expected.values(), reverse=True), 0]
    assert (used.cited, used.never_cited) == (3, 1)


def test_the_least_used_come_first_when_they_are_asked_for(dataset: Dataset) -> None:
    once = _documents(dataset, "never", "once")[1]
    answered(NOON, cited=[once.pk])
    used = documents_used(by=SYSTEM, period=MARCH, order="least", limit=1)
    assert [(line.name, line.answers, line.dataset) for line in used.lines] == [("never", 0, "Handbook")]
    assert (used.cited, used.never_cited) == (1, 1), "of all, not of those that are shown"


def test_answers_that_failed_or_were_made_anew_cite_nothing(dataset: Dataset) -> None:
    (document,) = _documents(dataset, "a")
    answered(NOON, cited=[document.pk], outcome="failed")
    answered(NOON, cited=[document.pk], superseded=True)
    assert documents_used(by=SYSTEM, period=MARCH).never_cited == 1


def test_documents_that_are_not_ready_or_are_deleted_are_not_listed(
    dataset: Dataset, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    ready, deleted = _documents(dataset, "ready", "deleted")
    Document.objects.create(dataset=dataset, name="new", sha256="n", size_bytes=1)
    answered(NOON, cited=[deleted.pk, ready.pk])
    delete_document(by=SYSTEM, document=deleted)
    assert [line.name for line in documents_used(by=SYSTEM, period=MARCH).lines] == ["ready"]


def test_of_a_bot_only_what_it_searches_and_only_its_answers_count(dataset: Dataset) -> None:
    mine, other = _documents(dataset, "mine")[0], _documents(create_dataset(by=SYSTEM, name="Other"), "other")[0]
    bot = create_bot(by=SYSTEM, name="Guide", dataset_ids=[dataset.pk])
    answered(NOON, bot_id=bot.pk, cited=[mine.pk])
    answered(NOON, bot_id=uuid.uuid4(), cited=[mine.pk, other.pk])
    used = documents_used(by=SYSTEM, period=MARCH, bot_id=bot.pk)
    assert [(line.name, line.answers) for line in used.lines] == [("mine", 1)]


def test_a_limited_key_sees_its_datasets_and_its_bots_answers_only(dataset: Dataset) -> None:
    mine = _documents(dataset, "mine")[0]
    _documents(create_dataset(by=SYSTEM, name="Other"), "other")
    bot = uuid.uuid4()
    for one in (bot, uuid.uuid4()):
        answered(NOON, bot_id=one, cited=[mine.pk])
    key = Actor(type="api_key", bot_ids=frozenset({bot}), dataset_ids=frozenset({dataset.pk}))
    assert [(line.name, line.answers) for line in documents_used(by=key, period=MARCH).lines] == [("mine", 1)]


def test_a_month_is_put_together_from_its_days(dataset: Dataset) -> None:
    (document,) = _documents(dataset, "a")
    for day in range(3):
        answered(NOON + timedelta(days=day), cited=[document.pk])
    for _ in range(2):
        sum_up(tenant_id=Tenant.objects.get(slug="acme").pk)
    (month,) = AnalyticsDocument.objects.filter(span="month")
    assert (month.day, month.answers, month.last_cited) == (date(2026, 3, 1), 3, date(2026, 3, 12))
