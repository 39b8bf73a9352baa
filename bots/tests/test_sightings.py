"""Tests of noting where bots are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from bots import services
from bots.models import Bot, BotSighting
from bots.services import sightings
from tenants.models import Tenant
from tenants.types import SYSTEM

SHOP = "https://shop.example"


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return services.create_bot(by=SYSTEM, name="Help desk")


def note(bot: Bot, origin: str = SHOP) -> None:
    services.note_sighting(bot_id=bot.pk, origin=origin)


def a_minute_passes() -> None:
    caches["default"].clear()


def test_the_first_visit_is_noted(bot: Bot) -> None:
    note(bot)
    (seen,) = BotSighting.objects.filter(bot=bot)
    assert (seen.origin, seen.first_seen) == (SHOP, seen.last_seen)
    assert timezone.now() - seen.last_seen < timedelta(minutes=1)


def test_of_many_visits_in_a_minute_one_is_written(bot: Bot, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    note(bot)
    with django_assert_num_queries(0):
        for _ in range(20):
            note(bot)
    note(bot, "https://other.example")
    assert BotSighting.objects.filter(bot=bot).count() == 2


def test_a_later_visit_moves_the_last_one_only(bot: Bot, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    note(bot)
    earlier = timezone.now() - timedelta(days=2)
    BotSighting.objects.update(first_seen=earlier, last_seen=earlier)
    a_minute_passes()
    with django_assert_num_queries(1):
        note(bot)
    (seen,) = BotSighting.objects.all()
    assert seen.first_seen == earlier
    assert seen.last_seen > earlier


def test_the_sites_that_were_seen_last_are_kept(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "KEPT", 3)
    for number in range(5):
        note(bot, f"https://{number}.shop.example")
    kept = BotSighting.objects.filter(bot=bot).values_list("origin", flat=True)
    assert sorted(kept) == [f"https://{number}.shop.example" for number in (2, 3, 4)]


def test_without_redis_a_visit_is_not_noted_and_nothing_breaks(bot: Bot, settings: Any) -> None:
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}
    note(bot)
    assert not BotSighting.objects.exists()
