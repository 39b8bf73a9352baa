"""An answer may take as long as its models are waited for: nobody gives it up before, and its log lasts."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bots import services as bots
from bots.models import Bot
from bots.selectors import bot_by_ref
from chat.enums import Channel
from chat.models import Message
from chat.turns.entrance import Question
from chat.turns.live.store import LOG_SECONDS, LogEntry, TurnKey, store
from chat.turns.services.abandonment import fail_abandoned
from chat.turns.services.patience import longest_of
from chat.turns.services.start import start_turn
from providers.models import TenantAIProvider
from providers.services import create_provider, update_provider
from tenants.models import Tenant
from tenants.types import SYSTEM, Actor


def connect(name: str, **timeouts: int) -> TenantAIProvider:
    config = {"models": ["m"], "timeouts": timeouts}
    return create_provider(by=SYSTEM, name=name, provider_type="openai", api_key="sk-test", config=config)


def make(*providers: TenantAIProvider) -> Bot:
    first, *others = providers
    fallbacks: list[Any] = [{"provider_id": one.pk, "model": "m"} for one in others]
    made = bots.create_bot(by=SYSTEM, name="Guide", tenant_ai_provider_id=first.pk, model="m", fallbacks=fallbacks)
    return bot_by_ref(made.slug)


@pytest.mark.parametrize(
    ("timeouts", "seconds"),
    [
        ([{}], 30 + 180),
        ([{"first_word": 600, "total": 1800}], 600 + 1800),
        ([{"total": 900}, {}, {"first_word": 60}], 30 + 900 + 30 + 180 + 60 + 180),
    ],
)
def test_an_answer_may_take_the_time_of_all_models_that_are_asked(
    in_acme: Tenant, timeouts: list[dict[str, int]], seconds: int
) -> None:
    bot = make(*(connect(f"P{number}", **one) for number, one in enumerate(timeouts)))
    assert timedelta(seconds=seconds) < longest_of(bot) < timedelta(seconds=seconds + 120)


def test_a_bot_that_cannot_answer_any_more_may_have_been_asked_with_the_longest_patience(in_acme: Tenant) -> None:
    provider = connect("Only")
    bot = make(provider)
    bots.update_bot(by=SYSTEM, bot=bots.create_bot(by=SYSTEM, name="Else"), description="Runs on the built-in one.")
    TenantAIProvider.objects.filter(pk=provider.pk).update(is_active=False)
    assert longest_of(bot_by_ref(bot.slug)) > timedelta(seconds=2400)


@pytest.mark.parametrize(("total", "is_given_up"), [(180, True), (900, False), (1800, False)])
def test_an_answer_without_a_sign_of_life_is_given_up_only_when_its_model_may_not_take_longer(
    in_acme: Tenant, by_owner: Actor, total: int, is_given_up: bool
) -> None:
    bot = make(connect("Slow", total=total))
    turn = start_turn(Question(by=by_owner, tenant=in_acme, bot=bot, text="Why?", channel=Channel.API)).turn
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=10))

    fail_abandoned(tenant=in_acme)
    assert (Message.objects.get(pk=turn.message_id).status == "failed") is is_given_up

    Message.objects.update(created_at=timezone.now() - timedelta(minutes=45))
    fail_abandoned(tenant=in_acme)
    assert Message.objects.get(pk=turn.message_id).status == "failed"


def test_timeouts_that_are_raised_hold_for_the_answer_that_is_under_way(in_acme: Tenant, by_owner: Actor) -> None:
    provider = connect("Slow")
    bot = make(provider)
    turn = start_turn(Question(by=by_owner, tenant=in_acme, bot=bot, text="Why?", channel=Channel.API)).turn
    update_provider(by=SYSTEM, provider=provider, config={"models": ["m"], "timeouts": {"total": 1800}})
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=10))

    assert fail_abandoned(tenant=in_acme) == 0
    assert Message.objects.get(pk=turn.message_id).status == "streaming"


async def test_a_log_lasts_while_its_answer_is_made_though_nothing_is_said() -> None:
    key = TurnKey(uuid.uuid4(), uuid.uuid4())
    client = store()._quick
    await store().commit([LogEntry(key, 0, b"[]", seconds=5)], [(key, 4.0)])
    await client.pexpire(key.log, 2000)

    await store().commit([], [(key, 4.0)])
    assert 1000 * LOG_SECONDS - 5000 < await client.pttl(key.log) <= 1000 * LOG_SECONDS

    await client.pexpire(key.log, 2000)
    await store().commit([], [(key, 0.0)])
    assert await client.pttl(key.log) <= 2000
