"""The figures are what happened, summed up or not, in the tenant's days, for whoever may see them."""

from __future__ import annotations

import random
import statistics
import uuid
import zoneinfo
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from chat.analytics.exceptions import AnalyticsPeriodError
from chat.analytics.figures import EVERYTHING, Figures, Grouping, Narrowing, broken_down, compared
from chat.analytics.period import MOST_DAYS, Period, period_of, start_of_day
from chat.analytics.services.day_sums import LAG, sum_up
from chat.analytics.sketches import Percentiles
from chat.analytics.tests.facts import BOTS, answered, many
from chat.enums import Detail
from chat.models import AnalyticsDay, AnalyticsState, Usage
from tenants.context import tenant_scope
from tenants.models import Tenant, TenantSettings
from tenants.types import SYSTEM, Actor

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "UTC")


def _of(period: Period = MARCH, *, by: Actor = SYSTEM, **where: Any) -> Figures:
    return compared(by=by, period=period, where=Narrowing(**where)).now


def _kept_questions(**which: Any) -> int:
    return sum(row.questions for row in AnalyticsDay.objects.filter(detail=Detail.DAY, **which))


def _zone(tenant: Tenant, name: str) -> None:
    TenantSettings.objects.update_or_create(tenant=tenant, defaults={"time_zone": name})


# --- what is counted -------------------------------------------------------------------------------------


def _naively(rows: Iterable[Usage]) -> Figures:
    """The same figures, counted one by one."""
    rows = list(rows)
    ended = [row for row in rows if row.outcome]
    last = [row for row in ended if not row.superseded]
    good = [row for row in last if row.outcome != "failed"]
    people = {row.person for row in rows}
    return Figures(
        conversations=sum(row.opens for row in rows),
        questions=len(last),
        answers=len(ended),
        from_documents=sum(row.has_evidence is True for row in good),
        unanswered=sum(row.has_evidence is False for row in good),
        curated=sum(row.has_evidence is None and row.answered_by == "curated" for row in good),
        unsearched=sum(row.has_evidence is None and row.answered_by != "curated" for row in good),
        failed=sum(row.outcome == "failed" for row in last),
        stopped=sum(row.outcome == "stopped" for row in last),
        up=sum(row.rating == 1 for row in rows),
        down=sum(row.rating == -1 for row in rows),
        prompt_tokens=sum(row.prompt_tokens for row in rows),
        completion_tokens=sum(row.completion_tokens for row in rows),
        cost=sum((row.cost for row in rows if row.cost is not None), Decimal(0)),
        unpriced=sum(row.cost is None for row in rows),
        cache_read_tokens=sum(row.cache_read_tokens for row in rows),
        cache_write_tokens=sum(row.cache_write_tokens for row in rows),
        reasoning_tokens=sum(row.reasoning_tokens for row in rows),
        people=len(people),
        visitors=sum(person is not None and person % 4 == 0 for person in people),
    )


def _without_times(figures: Figures) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in Figures.__slots__ if not name.endswith("_ms")}


def _sum_all() -> None:
    sum_up(tenant_id=Tenant.objects.get(slug="acme").pk)


def _sum_half() -> None:
    """As the task left it when half of the days were not over."""
    _sum_all()
    AnalyticsDay.objects.filter(day__gte=NOON.date()).delete()
    state = AnalyticsState.objects.get()
    AnalyticsState.objects.update(through=start_of_day(NOON.date(), state.time_zone))


@pytest.fixture(params=[lambda: None, _sum_half, _sum_all], ids=["not summed", "half summed", "summed"])
def summing(request: pytest.FixtureRequest) -> Callable[[], None]:
    """How far the sums reach; the figures must be the same."""
    way: Callable[[], None] = request.param
    return way


@pytest.mark.parametrize("where", [{}, {"bot_id": BOTS[1]}, {"channel": "api"}, {"model": "other-test"}], ids=str)
def test_the_figures_are_what_counting_one_by_one_gives(
    in_acme: Tenant, summing: Callable[[], None], where: dict[str, Any]
) -> None:
    dice = random.Random(7)
    start = datetime(2026, 1, 25, tzinfo=UTC)
    many([start + timedelta(minutes=dice.randrange(70 * 24 * 60)) for _ in range(800)])
    summing()

    found = compared(by=SYSTEM, period=MARCH, where=Narrowing(**where))

    rows = list(Usage.objects.filter(**where))
    now = [row for row in rows if MARCH.begins <= row.asked_at < MARCH.ends]
    before = [row for row in rows if MARCH.before.begins <= row.asked_at < MARCH.begins]
    assert len(now) > 30
    assert _without_times(found.now) == _without_times(_naively(now))
    assert _without_times(found.before) == _without_times(_naively(before))


@pytest.mark.parametrize("grouping", ["day", "week", "month", "bot", "model", "channel"])
def test_every_breakdown_is_what_counting_one_by_one_gives(
    in_acme: Tenant, summing: Callable[[], None], grouping: Grouping
) -> None:
    dice = random.Random(3)
    many([MARCH.begins + timedelta(minutes=dice.randrange(31 * 24 * 60)) for _ in range(400)], seed=2)
    summing()

    lines = broken_down(by=SYSTEM, period=MARCH, grouping=grouping)

    key: Callable[[Usage], str] = {
        "day": lambda row: row.asked_at.date().isoformat(),
        "week": lambda row: (row.asked_at.date() - timedelta(days=row.asked_at.weekday())).isoformat(),
        "month": lambda row: row.asked_at.strftime("%Y-%m-01"),
        "bot": lambda row: str(row.bot_id),
        "model": lambda row: row.model,
        "channel": lambda row: row.channel,
    }[grouping]
    rows = list(Usage.objects.all())
    expected = {one: _without_times(_naively(row for row in rows if key(row) == one)) for one in set(map(key, rows))}
    assert {line.key: _without_times(line.figures) for line in lines if line.key in expected} == expected
    assert len(lines) == (31 if grouping == "day" else len(expected))


def test_days_come_in_order_and_those_on_which_nothing_happened_too(in_acme: Tenant) -> None:
    answered(NOON)
    lines = broken_down(by=SYSTEM, period=Period(date(2026, 3, 9), date(2026, 3, 11), "UTC"), grouping="day")
    assert [(line.key, line.figures.questions) for line in lines] == [
        ("2026-03-09", 0),
        ("2026-03-10", 1),
        ("2026-03-11", 0),
    ]


def test_bots_come_with_the_most_asked_first(in_acme: Tenant) -> None:
    for bot in (BOTS[0], BOTS[1], BOTS[1]):
        answered(NOON, bot_id=bot)
    lines = broken_down(by=SYSTEM, period=MARCH, grouping="bot")
    assert [(line.key, line.figures.questions) for line in lines] == [(str(BOTS[1]), 2), (str(BOTS[0]), 1)]


def test_somebody_who_comes_on_two_days_is_one_person_and_no_visitor_if_they_are_a_member(in_acme: Tenant) -> None:
    for days, person in ((0, 4), (1, 4), (1, 8), (2, 5)):
        answered(NOON + timedelta(days=days), person=person)
    _sum_all()
    assert (_of().people, _of().visitors) == (3, 2)


def test_what_an_attempt_cost_that_another_took_the_place_of_counts_and_the_question_once(in_acme: Tenant) -> None:
    answered(NOON, outcome="", cost=Decimal("0.5"))
    answered(NOON, cost=Decimal("0.25"))
    figures = _of()
    assert (figures.questions, figures.answers, figures.cost) == (1, 1, Decimal("0.75"))


def test_an_answer_made_anew_is_another_answer_to_the_same_question(in_acme: Tenant) -> None:
    answered(NOON, superseded=True, has_evidence=False)
    answered(NOON)
    figures = _of()
    assert (figures.questions, figures.answers, figures.messages) == (1, 2, 3)
    assert (figures.from_documents, figures.unanswered) == (1, 0)


def test_the_rates_are_of_what_they_say(in_acme: Tenant) -> None:
    for values in ({}, {}, {}, {"has_evidence": False}, {"has_evidence": None}, {"outcome": "failed"}):
        answered(NOON, rating=1 if not values else None, **values)
    answered(NOON, rating=-1)
    figures = _of()
    assert figures.answered_rate == 0.8
    assert figures.satisfaction == 0.75
    assert figures.failure_rate == round(1 / 7, 4)


def test_without_anything_there_are_no_rates_and_no_times() -> None:
    nothing = Figures()
    assert (nothing.answered_rate, nothing.satisfaction, nothing.failure_rate) == (None, None, None)
    assert nothing.first_token_ms == Percentiles(None, None)


# --- times -----------------------------------------------------------------------------------------------


def test_percentiles_are_true_to_five_percent_over_days_and_models(
    in_acme: Tenant, summing: Callable[[], None]
) -> None:
    dice = random.Random(5)
    times = [round(dice.lognormvariate(6.5, 0.8)) for _ in range(600)]
    for number, ms in enumerate(times):
        answered(NOON + timedelta(hours=number % 400 - 200), first_token_ms=ms, total_ms=ms * 4, model=str(number % 3))
    summing()

    figures = _of()

    cuts = statistics.quantiles(times, n=20)
    assert figures.first_token_ms.p50 == pytest.approx(cuts[9], rel=0.06)
    assert figures.first_token_ms.p95 == pytest.approx(cuts[18], rel=0.06)
    assert figures.total_ms.p95 == pytest.approx(cuts[18] * 4, rel=0.06)


@pytest.mark.parametrize(
    "values",
    [
        {"answered_by": "curated", "has_evidence": None},
        {"answered_by": "say_so", "has_evidence": False},
        {"outcome": "stopped"},
        {"outcome": "failed"},
    ],
    ids=str,
)
def test_only_answers_of_models_that_came_to_their_end_are_timed(in_acme: Tenant, values: dict[str, Any]) -> None:
    answered(NOON, first_token_ms=1, total_ms=1, **values)
    answered(NOON, first_token_ms=1000)
    assert _of().first_token_ms.p50 == pytest.approx(1000, rel=0.05)


# --- days and time zones ---------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu"])
def test_a_day_is_the_tenants_day(in_acme: Tenant, summing: Callable[[], None], zone: str) -> None:
    _zone(in_acme, zone)
    local = zoneinfo.ZoneInfo(zone)
    answered(datetime(2026, 3, 10, 0, 0, 1, tzinfo=local))
    answered(datetime(2026, 3, 10, 23, 59, 59, tzinfo=local))
    answered(datetime(2026, 3, 11, 0, 0, tzinfo=local))
    summing()
    lines = broken_down(by=SYSTEM, period=Period(date(2026, 3, 9), date(2026, 3, 11), zone), grouping="day")
    assert [line.figures.questions for line in lines] == [0, 2, 1]


def test_the_sums_are_made_anew_when_the_time_zone_changes(in_acme: Tenant) -> None:
    answered(datetime(2026, 3, 10, 23, 30, tzinfo=UTC))
    _sum_all()
    _zone(in_acme, "Europe/Oslo")
    period = Period(date(2026, 3, 10), date(2026, 3, 11), "Europe/Oslo")

    def by_day() -> list[int]:
        return [line.figures.questions for line in broken_down(by=SYSTEM, period=period, grouping="day")]

    assert by_day() == [0, 1], "sums by other days are not read"
    _sum_all()
    assert by_day() == [0, 1]
    assert {row.day for row in AnalyticsDay.objects.all()} == {date(2026, 3, 11)}


def test_as_usual_the_last_thirty_days_up_to_the_tenants_today(in_acme: Tenant) -> None:
    _zone(in_acme, "Pacific/Kiritimati")
    period = period_of(tenant_id=in_acme.pk)
    today = timezone.now().astimezone(zoneinfo.ZoneInfo("Pacific/Kiritimati")).date()
    assert (period.until, period.days) == (today, 30)
    assert period.before.until == period.since - timedelta(days=1)
    assert period.before.days == 30


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=MOST_DAYS)),
        (date(1, 1, 1), date(1, 1, 2)),
        (date(9999, 12, 30), date(9999, 12, 31)),
    ],
)
def test_other_periods_are_refused(in_acme: Tenant, since: date, until: date) -> None:
    with pytest.raises(AnalyticsPeriodError):
        period_of(tenant_id=in_acme.pk, since=since, until=until)


# --- who sees what ---------------------------------------------------------------------------------------


def test_a_key_that_is_limited_to_some_bots_sees_theirs_only(in_acme: Tenant, summing: Callable[[], None]) -> None:
    for bot in BOTS:
        answered(NOON, bot_id=bot)
    summing()
    limited = Actor(type="api_key", bot_ids=frozenset({BOTS[0]}))
    assert _of(by=limited).questions == 1
    assert _of(by=limited, bot_id=BOTS[1]).questions == 0
    assert [line.key for line in broken_down(by=limited, period=MARCH, grouping="bot")] == [str(BOTS[0])]


def test_another_tenant_sees_nothing_of_it(in_acme: Tenant, globex: Tenant) -> None:
    answered(NOON)
    _sum_all()
    with tenant_scope(globex):
        assert _of().questions == 0


# --- the sums --------------------------------------------------------------------------------------------


def test_the_last_minutes_are_not_summed_up_and_counted_all_the_same(in_acme: Tenant) -> None:
    now = timezone.now()
    answered(now - timedelta(seconds=5))
    answered(now - LAG - timedelta(minutes=5))
    _sum_all()
    period = period_of(tenant_id=in_acme.pk)
    assert _kept_questions() == 1
    assert _of(period).questions == 2


def test_summing_up_twice_changes_nothing(in_acme: Tenant) -> None:
    many([NOON + timedelta(hours=hour) for hour in range(100)])
    _sum_all()
    before = list(AnalyticsDay.objects.values().order_by("pk"))
    _sum_all()
    assert list(AnalyticsDay.objects.values().order_by("pk")) == before


def test_a_rating_given_long_after_is_in_the_sums_after_the_next_time(in_acme: Tenant) -> None:
    row = answered(NOON)
    _sum_all()
    Usage.objects.filter(pk=row.pk).update(rating=-1, changed_at=timezone.now())
    _sum_all()
    assert [day.down for day in AnalyticsDay.objects.all()] == [1, 1, 1]


def test_years_are_summed_up_a_month_at_a_time(in_acme: Tenant) -> None:
    many([NOON - timedelta(days=day) for day in range(0, 500, 7)])
    assert sum_up(tenant_id=in_acme.pk) > 70
    state = AnalyticsState.objects.get()
    assert state.through > NOON
    whole = Period(date(2025, 3, 1), date(2026, 3, 31), "UTC")
    assert _of(whole).questions == _kept_questions(day__gte=whole.since) > 30


def test_a_tenant_without_any_answers_has_sums_of_nothing(in_acme: Tenant) -> None:
    assert sum_up(tenant_id=in_acme.pk) == 0
    assert compared(by=SYSTEM, period=MARCH, where=EVERYTHING).now == Figures()


def test_a_bot_nobody_knows_any_more_keeps_its_figures(in_acme: Tenant) -> None:
    gone = uuid.uuid4()
    answered(NOON, bot_id=gone)
    assert [line.key for line in broken_down(by=SYSTEM, period=MARCH, grouping="bot")] == [str(gone)]
