"""What is booked for an answer is what the vendor bills for it, however the answer is asked for and however it ends.

Both ways in which vendors keep prompts, each with a fake that bills by its own count (`providers.tests.fake_caching`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db.models import Sum

from bots.models import Bot
from bots.services import create_bot
from chat.enums import BudgetPeriod, Channel, MessageStatus
from chat.models import Message, Spending, Usage
from chat.money.services import budgets
from chat.turns.asks import NO_WANTS, Wants
from chat.turns.entrance import Question
from chat.turns.events import Delta, TurnEvent
from chat.turns.live.stopper import Stopper
from chat.turns.services.dry_run import ask_of, collect
from chat.turns.services.run import run_turn
from chat.turns.services.start import start_turn
from chat.turns.turn import Turn
from datasets.models import Dataset
from providers.messages import OutputSchema, Tool
from providers.models import TenantAIProvider
from providers.services import create_provider
from providers.tests.fake_caching import STEP, stable_tokens
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

# Each kind of token has its own price, so that none can pass for another
PRICES = {
    "input_price": "2",
    "output_price": "11",
    "cache_read_price": "0.23",
    "cache_write_price": "2.7",
    "reasoning_price": "17",
}
CHEAP = {"input_price": "0.3", "output_price": "0.7", "cache_read_price": "0.05", "cache_write_price": "0.41"}
ABLE = dict.fromkeys(("supports_tools", "supports_json", "supports_output_schema"), True)
INSTRUCTIONS = "Keep calm, help well, take care. " * 250
FALLBACK = "tokens-7-cached"
LOOKUP = Wants(tools=(Tool("lookup", "Looks the weather up."),))
PERSON = Wants(output=OutputSchema("person", {"type": "object", "properties": {"name": {"type": "string"}}}))

# By the name of the fake model, with what is asked of it. Without words the fallback is asked, after a failure too.
WHOLE = {
    "tokens-24": NO_WANTS,
    "think": NO_WANTS,
    "tools": LOOKUP,
    "refuse": NO_WANTS,
    "json": PERSON,
    "tokens-0": NO_WANTS,
    "fail-503": NO_WANTS,
}
BROKEN = ("eof-5", "error-5", "cut-5", "step")


@dataclass(frozen=True)
class Vendor:
    """A provider that speaks one of the wire formats."""

    kind: str
    provider: TenantAIProvider

    def bot(self, model: str, **more: Any) -> Bot:
        return create_bot(
            by=SYSTEM,
            name=f"Guide {uuid.uuid4().hex}",
            model=model,
            tenant_ai_provider_id=self.provider.pk,
            system_prompt=INSTRUCTIONS,
            fallbacks=[{"provider_id": self.provider.pk, "model": FALLBACK}],
            **more,
        )


@pytest.fixture(params=["openai_compatible", "anthropic"])
def vendor(request: pytest.FixtureRequest, acme: Tenant, fake: FakeProvider) -> Vendor:
    address = fake.anthropic_url if request.param == "anthropic" else fake.openai_url
    models = [f"{way}-cached{form}" for way in (*WHOLE, *BROKEN) for form in ("", "-whole")]
    listed = [{"id": model, **ABLE, **PRICES, "context_tokens": 32_000} for model in models]
    with tenant_scope(acme):
        provider = create_provider(
            by=SYSTEM,
            name="Fake",
            provider_type=request.param,
            api_key="sk-of-acme",
            config={"base_url": address, "models": [*listed, {"id": FALLBACK, **CHEAP}]},
        )
    return Vendor(request.param, provider)


@pytest.fixture
def ask(acme: Tenant, fake: FakeProvider) -> Callable[..., Message]:
    """Have a question answered, or stopped after its first word; return the answer as it is kept."""

    def asked(bot: Bot, question: str = "How long?", *, stops: bool = False, **more: Any) -> Message:
        with tenant_scope(acme):
            turn = start_turn(
                Question(by=SYSTEM, tenant=acme, bot=bot, text=question, channel=Channel.API, **more)
            ).turn
        async_to_sync(_read)(turn, stops=stops)
        with tenant_scope(acme):
            return Message.objects.select_related("conversation__bot").get(pk=turn.message_id)

    return asked


async def _read(turn: Turn, *, stops: bool) -> list[TurnEvent]:
    events, stopper = [], Stopper()
    async for event in run_turn(turn, stopper):
        events.append(event)
        if stops and isinstance(event, Delta):
            stopper.stop()
    return events


def booked(tenant: Tenant) -> Decimal:
    """All that usage says, which the accounts of budgets say too."""
    with tenant_scope(tenant):
        total: Decimal = Usage.objects.aggregate(total=Sum("cost"))["total"]
        assert all((row.spent, row.reserved) == (total, Decimal(0)) for row in Spending.objects.all())
    return total


def billed(fake: FakeProvider) -> Decimal:
    """What the vendor wants for all answers, those of the fallback at its own prices."""
    models = {line["model"] for line in fake.stats()["bill"]}
    return sum((fake.bill(CHEAP if one == FALLBACK else PRICES, model=one) for one in models), Decimal(0))


@pytest.mark.parametrize("form", ["", "-whole"], ids=["streamed", "whole"])
@pytest.mark.parametrize("has_budget", [False, True], ids=["no budget", "a budget"])
@pytest.mark.parametrize("way", WHOLE)
def test_an_answer_costs_what_is_billed(
    acme: Tenant,
    fake: FakeProvider,
    vendor: Vendor,
    ask: Callable[..., Message],
    way: str,
    has_budget: bool,
    form: str,
) -> None:
    with tenant_scope(acme):
        bot = vendor.bot(f"{way}-cached{form}")
        if has_budget:
            budgets.create_budget(by=SYSTEM, amount=Decimal(5), period=BudgetPeriod.MONTH)

    wants = WHOLE[way]
    first = ask(bot, wants=wants)
    second = ask(bot, "And for two?", conversation_id=first.conversation_id, wants=wants)
    anew = ask(bot, "And for two?", instead_of=second, wants=wants)

    assert [one.status for one in (first, second, anew)] == [MessageStatus.COMPLETE] * 3
    assert booked(acme) == billed(fake) > 0
    with tenant_scope(acme):
        rows = list(Usage.objects.order_by("pk"))
    assert [row.cache_read_tokens > 0 for row in rows] == [False, True, True]
    assert any(row.cache_write_tokens for row in rows) is (vendor.kind == "anthropic")
    assert not any(row.estimated for row in rows)


@pytest.mark.parametrize("way", BROKEN)
@pytest.mark.parametrize("has_budget", [False, True], ids=["no budget", "a budget"])
def test_an_answer_that_breaks_off_costs_what_is_known_of_it(
    acme: Tenant, fake: FakeProvider, vendor: Vendor, ask: Callable[..., Message], way: str, has_budget: bool
) -> None:
    with tenant_scope(acme):
        bot = vendor.bot(f"{way}-cached")
        if has_budget:
            budgets.create_budget(by=SYSTEM, amount=Decimal(5), period=BudgetPeriod.MONTH)

    first = ask(bot, stops=way == "step")
    second = ask(bot, stops=way == "step", conversation_id=first.conversation_id)

    assert second.status == (MessageStatus.STOPPED if way == "step" else MessageStatus.FAILED)
    assert second.content
    assert booked(acme) > 0
    with tenant_scope(acme):
        rows = list(Usage.objects.order_by("pk"))
    assert all(row.estimated for row in rows)
    if vendor.kind == "anthropic":
        # It has counted the prompt before the first word; how much of the answer there was only it knows.
        bill = fake.stats()["bill"]
        counted = [(row.prompt_tokens, row.cache_read_tokens, row.cache_write_tokens) for row in rows]
        assert counted == [(line["prompt"], line["read"], line["written"]) for line in bill]
        assert rows[1].cache_read_tokens > 0
        guessed = sum((row.completion_tokens for row in rows), 0) - sum(line["output"] for line in bill)
        assert booked(acme) == billed(fake) + guessed * Decimal(PRICES["output_price"]) / 1_000_000


@pytest.mark.parametrize("way", ["tokens-24", "tokens-0", "fail-503"])
def test_a_caller_within_the_product_is_told_the_same_cost(
    acme: Tenant, fake: FakeProvider, vendor: Vendor, way: str
) -> None:
    async def answered(bot: Bot) -> Decimal | None:
        return (await collect(ask_of(bot, "How long?"))).cost

    with tenant_scope(acme):
        bot = vendor.bot(f"{way}-cached")
        costs = [async_to_sync(answered)(bot) for _ in range(2)]

    assert sum(cost or 0 for cost in costs) == billed(fake) > 0


class TestConversation:
    """Ten turns, as `benchmarks/cache.py` has them, only smaller."""

    def test_every_turn_reads_all_that_the_one_before_began_with(
        self, acme: Tenant, fake: FakeProvider, vendor: Vendor, ask: Callable[..., Message], handbook: Dataset
    ) -> None:
        with tenant_scope(acme):
            bot = vendor.bot("tokens-24-cached", dataset_ids=[handbook.pk])
        answer: Message | None = None
        before: dict[str, Any] = {}
        for turn in range(10):
            more = {"conversation_id": answer.conversation_id} if answer else {}
            answer = ask(bot, f"How long may purchases be returned in case {turn}?", **more)
            sent, line = fake.stats()["last_body"], fake.stats()["bill"][-1]
            assert "Purchases may be returned" in str(sent["messages"][-1]["content"])
            assert "Purchases may be returned" not in str(sent["messages"][:-1])
            if turn:
                stable = stable_tokens(before, sent)
                assert line["read"] >= (stable if vendor.kind == "anthropic" else stable // STEP * STEP) > 1024
            before = sent

        bill = fake.stats()["bill"]
        assert sum(line["read"] for line in bill) >= 0.58 * sum(line["prompt"] for line in bill)
        assert booked(acme) == billed(fake)

    def test_what_the_vendor_has_forgotten_is_paid_for_again(
        self, acme: Tenant, fake: FakeProvider, vendor: Vendor, ask: Callable[..., Message]
    ) -> None:
        with tenant_scope(acme):
            bot = vendor.bot("tokens-24-cached")
        first = ask(bot)
        for seconds in (200, 200, 301):
            fake.later(seconds)
            ask(bot, conversation_id=first.conversation_id)

        assert [line["read"] > 0 for line in fake.stats()["bill"]] == [False, True, True, False]
        assert booked(acme) == billed(fake)

    def test_other_conversations_share_the_instructions(
        self, acme: Tenant, fake: FakeProvider, vendor: Vendor, ask: Callable[..., Message]
    ) -> None:
        with tenant_scope(acme):
            bot = vendor.bot("tokens-24-cached")
            ask(bot)
            ask(bot)
        assert [line["read"] > 0 for line in fake.stats()["bill"]] == [False, True]
        assert booked(acme) == billed(fake)
