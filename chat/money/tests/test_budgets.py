"""Money budgets: nothing is spent beyond them, however many ask at once and however their answers end."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import orjson
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_bot
from chat.enums import BudgetPeriod, Channel, MessageStatus
from chat.models import Budget, Message, Spending, Usage
from chat.money.exceptions import BudgetExceededError, BudgetTakenError, ModelPriceUnknownError
from chat.money.pricing import UsageKnown
from chat.money.services import budgets
from chat.tests.fixtures import MakeBot
from chat.turns.entrance import Question
from chat.turns.live.store import TurnKey
from chat.turns.outcomes import TurnOutcome
from chat.turns.services.abandonment import abandon
from chat.turns.services.permits import MOST_ANSWER_TOKENS, reserve
from chat.turns.services.ports import TurnPorts
from chat.turns.services.settlement import ending_of, finish
from chat.turns.services.start import start_turn
from chat.turns.turn import Turn
from chatcms.tests.waiting import until
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookEvent
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

# What the fake provider's usual answer costs at the test bots' prices: 10 tokens of 2 and 8 of 10 dollars a million.
COST = Decimal("0.0001")
ZERO = Decimal(0)


@pytest.fixture
def bot(make_bot: MakeBot, in_acme: Tenant) -> Bot:
    return make_bot()


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers={"authorization": f"Bearer {api_key}"})


def _budget(amount: Decimal | int | str, *, bot: Bot | None = None, period: BudgetPeriod = BudgetPeriod.DAY) -> Budget:
    return budgets.create_budget(by=SYSTEM, amount=Decimal(amount), period=period, bot_id=bot.pk if bot else None)


def _start(tenant: Tenant, bot: Bot) -> Turn:
    return start_turn(Question(by=SYSTEM, tenant=tenant, bot=bot, text="Why?", channel=Channel.API)).turn


def _finish(turn: Turn, cost: Decimal | None, **more: Any) -> None:
    used = UsageKnown(10, 8, estimated=False, cost=cost)
    finish(ending_of(turn, TurnOutcome(MessageStatus.COMPLETE, "Because.", used, **more)))


def _account() -> tuple[Decimal, Decimal]:
    row = Spending.objects.get()
    return row.spent, row.reserved


def test_without_a_budget_nothing_is_set_aside(in_acme: Tenant, bot: Bot) -> None:
    turn = _start(in_acme, bot)

    assert not turn.rules.has_budget
    ports = TurnPorts(turn)
    assert async_to_sync(ports.permit)(100) is None
    assert ports.reservation is None


def test_money_is_set_aside_before_and_settled_after(in_acme: Tenant, bot: Bot) -> None:
    _budget(1)
    turn = _start(in_acme, bot)

    granted = reserve(turn, 100)

    assert granted is not None
    reservation, most = granted
    assert most == MOST_ANSWER_TOKENS
    assert reservation.amount == (100 * 2 + most * 10) / Decimal(1_000_000)
    assert _account() == (ZERO, reservation.amount)
    assert Message.objects.get(pk=turn.message_id).reserved == reservation.amount
    _finish(turn, COST, reservation=reservation)
    assert _account() == (COST, ZERO)
    assert Message.objects.get(pk=turn.message_id).reserved is None


def test_an_answer_is_held_to_what_is_left(in_acme: Tenant, bot: Bot) -> None:
    _budget("0.001")

    granted = reserve(_start(in_acme, bot), 100)

    assert granted is not None
    assert granted[1] == 80
    assert granted[0].amount == Decimal("0.001")


def test_when_next_to_nothing_is_left_the_question_is_refused(in_acme: Tenant, bot: Bot) -> None:
    _budget("0.001")
    first = reserve(_start(in_acme, bot), 100)

    with pytest.raises(BudgetExceededError) as refused:
        reserve(_start(in_acme, bot), 100)

    assert first is not None
    assert _account() == (ZERO, first[0].amount)
    assert refused.value.extra["period"] == "day"
    assert refused.value.extra["resets_at"].startswith(str(timezone.now().date() + timedelta(days=1)))


def test_the_tightest_of_all_budgets_counts_and_each_is_charged(in_acme: Tenant, bot: Bot) -> None:
    _budget(5)
    _budget("0.002", bot=bot)
    _budget("0.5", period=BudgetPeriod.MONTH)
    turn = _start(in_acme, bot)

    granted = reserve(turn, 100)

    assert granted is not None
    assert granted[0].amount == Decimal("0.002")
    _finish(turn, COST, reservation=granted[0])
    assert set(Spending.objects.values_list("spent", "reserved")) == {(COST, Decimal(0))}
    assert Spending.objects.count() == 3


def test_another_bots_budget_does_not_count(in_acme: Tenant, bot: Bot, make_bot: MakeBot) -> None:
    _budget(0, bot=make_bot(name="Other"))

    assert not _start(in_acme, bot).rules.has_budget


def test_the_plan_bounds_the_tenant_too(acme: Tenant, bot: Bot) -> None:
    acme.plan = Plan.objects.create(code="tiny", name="Tiny", max_monthly_cost=Decimal("0.0001"))
    acme.save()
    turn = _start(acme, bot)

    assert turn.rules.has_budget
    with pytest.raises(BudgetExceededError):
        reserve(turn, 100)


def test_a_budget_counts_what_was_spent_before_it_was_set(in_acme: Tenant, bot: Bot) -> None:
    _finish(_start(in_acme, bot), Decimal("0.0009"))

    _budget("0.001")

    assert _account() == (Decimal("0.0009"), ZERO)
    with pytest.raises(BudgetExceededError):
        reserve(_start(in_acme, bot), 100)


def test_a_budget_that_comes_again_has_missed_nothing(in_acme: Tenant, bot: Bot) -> None:
    budgets.delete_budget(by=SYSTEM, budget=_budget(1))
    _finish(_start(in_acme, bot), Decimal("0.5"))

    _budget(1)

    assert _account() == (Decimal("0.5"), ZERO)


def test_a_model_of_unknown_price_is_not_asked_under_a_budget(in_acme: Tenant, bot: Bot) -> None:
    TenantAIProvider.objects.update(
        config={**TenantAIProvider.objects.get(bots=bot).config, "models": [{"id": "fake"}]}
    )
    _budget(1)

    with pytest.raises(ModelPriceUnknownError, match="input_price"):
        reserve(_start(in_acme, Bot.objects.get(pk=bot.pk)), 100)


@pytest.mark.parametrize("cost", [Decimal("0.25"), None])
def test_the_real_end_of_an_answer_that_was_given_up_takes_the_place_of_the_guess(
    in_acme: Tenant, bot: Bot, cost: Decimal | None
) -> None:
    _budget(1)
    turn = _start(in_acme, bot)
    reserved = reserve(turn, 100)
    assert reserved is not None
    reservation = reserved[0]
    Message.objects.filter(pk=turn.message_id).update(content="Some words of it")
    assert abandon(TurnKey(in_acme.id, turn.message_id))
    used = UsageKnown(10, 8, estimated=False, cost=cost)
    ending = ending_of(turn, TurnOutcome(MessageStatus.COMPLETE, "Because.", used, reservation=reservation))

    for _ in range(2):
        finish(ending, late=True)

    answer = Message.objects.get(pk=turn.message_id)
    assert (answer.status, answer.error_code, answer.content) == (MessageStatus.COMPLETE, "", "Because.")
    counted = Usage.objects.filter(message=answer).exclude(outcome="")
    assert [(row.outcome, row.completion_tokens, row.cost) for row in counted] == [("complete", 8, cost)]
    assert sum(row.completion_tokens for row in Usage.objects.all()) == 8
    assert _account() == (reservation.amount if cost is None else cost, Decimal(0))


def test_an_answer_whose_process_is_gone_is_settled(in_acme: Tenant, bot: Bot) -> None:
    _budget(1)
    turn = _start(in_acme, bot)
    reserve(turn, 100)
    Message.objects.filter(pk=turn.message_id).update(content="Some words of it")

    assert abandon(TurnKey(in_acme.id, turn.message_id))

    spent, reserved = _account()
    assert reserved == 0
    assert spent == Usage.objects.get().cost
    assert spent > 0


def test_the_webhooks_are_told_once_a_period(in_acme: Tenant, bot: Bot) -> None:
    Webhook.objects.create(url="https://hooks.example/x", events=[EventType.QUOTA_REACHED], secret="x")
    _budget(0)
    for _ in range(3):
        with pytest.raises(BudgetExceededError):
            reserve(_start(in_acme, bot), 100)

    event = WebhookEvent.objects.get()
    assert event.type == EventType.QUOTA_REACHED
    assert event.payload["quota"] == "budget"


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_with_money_for_ten_overspend_nothing(acme: Tenant, make_bot: MakeBot) -> None:
    bot = make_bot(max_tokens=100)
    most = (100 * 2 + 100 * 10) / Decimal(1_000_000)
    with tenant_scope(acme):
        _budget(most * 10)

    def ask(_: int) -> int:
        try:
            with tenant_scope(acme):
                granted = reserve(_start(acme, bot), 100)
                assert granted is not None
                return granted[1]
        except BudgetExceededError:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        granted = list(threads.map(ask, range(200)))

    assert sorted(granted, reverse=True)[:11] == [100] * 10 + [0]
    with tenant_scope(acme):
        assert _account() == (ZERO, most * 10)


# --- over real sockets -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_two_hundred_questions_over_http_stay_within_the_budget(
    server: str, api_key: str, acme: Tenant, make_bot: MakeBot
) -> None:
    await sync_to_async(make_bot)("slow-5", max_tokens=20)

    @sync_to_async
    def set_budget() -> None:
        with tenant_scope(acme):
            _budget(COST * 10)

    async def ask(session: aiohttp.ClientSession, number: int) -> tuple[int, str]:
        url = f"{server}/v1/chat/bots/guide/messages"
        async with session.post(url, json={"message": "Why?", "stream": number % 2 == 0}) as answer:
            body = await answer.read()
            # The day's budget begins again within a day.
            assert answer.status == 200 or 0 < int(answer.headers["Retry-After"]) <= 24 * 3600
            return answer.status, "" if answer.status == 200 else orjson.loads(body)["code"]

    await set_budget()
    headers = {"authorization": f"Bearer {api_key}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
        replies = await asyncio.gather(*(ask(session, number) for number in range(200)))

    @sync_to_async
    def account() -> tuple[Decimal, Decimal, Decimal]:
        with tenant_scope(acme):
            used = sum((usage.cost or Decimal(0) for usage in Usage.objects.all()), Decimal(0))
            return (*_account(), used)

    spent, reserved, used = await account()
    assert set(replies) == {(200, ""), (402, "budget_exceeded")}
    assert (spent, reserved) == (used, ZERO)
    assert COST <= spent <= COST * 10


@pytest.mark.django_db(transaction=True)
async def test_a_reader_who_goes_away_gives_back_what_was_set_aside(
    server: str, api_key: str, acme: Tenant, make_bot: MakeBot
) -> None:
    await sync_to_async(make_bot)("slow-300")

    @sync_to_async
    def set_budget() -> None:
        with tenant_scope(acme):
            _budget(1)

    @sync_to_async
    def account() -> tuple[Decimal, Decimal] | None:
        with tenant_scope(acme):
            return _account() if not Message.objects.filter(status="streaming").exists() else None

    await set_budget()
    headers = {"authorization": f"Bearer {api_key}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        url = f"{server}/v1/chat/bots/guide/messages"
        async with session.post(url, json={"message": "Why?", "stream": True}) as answer:
            await answer.content.readuntil(b"event: delta")
    spent, reserved = await until(account, "the end of the answer")
    assert reserved == 0
    assert 0 < spent < Decimal("0.001")


# --- the API -----------------------------------------------------------------------------------------------

BUDGETS = "/v1/tenant/budgets"


def test_a_budget_is_set_read_changed_and_removed(client: APIClient, acme: Tenant, bot: Bot) -> None:
    made = client.post(BUDGETS, {"period": "month", "amount": "50", "bot_id": str(bot.pk)}, format="json")
    path = f"{BUDGETS}/{made.json()['id']}"
    read = client.get(path)
    changed = client.patch(path, {"amount": "80"}, format="json", headers={"if-match": read.headers["ETag"]})
    stale = client.patch(path, {"amount": "90"}, format="json", headers={"if-match": read.headers["ETag"]})
    listed = client.get(BUDGETS).json()["results"]
    removed = client.delete(path)

    assert (made.status_code, read.status_code, changed.status_code) == (201, 200, 200)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert (changed.json()["amount"], changed.json()["spent"]) == ("80.0000", "0.00000000")
    assert [one["id"] for one in listed] == [made.json()["id"]]
    assert removed.status_code == 204
    assert client.get(path).json()["code"] == "no_such_budget"
    verbs = AuditEvent.objects.filter(action__startswith="budget.").values_list("action", flat=True)
    assert sorted(verbs) == ["budget.create", "budget.delete", "budget.update"]


@pytest.mark.parametrize("amount", ["-1", "1000001", "0.00001", "much", None])
def test_an_amount_that_is_none_is_refused(client: APIClient, amount: Any) -> None:
    refused = client.post(BUDGETS, {"period": "day", "amount": amount}, format="json")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/amount"


def test_there_is_one_budget_for_each_period_and_bot(client: APIClient, bot: Bot) -> None:
    body = {"period": "day", "amount": "1"}

    assert client.post(BUDGETS, body, format="json").status_code == 201
    again = client.post(BUDGETS, body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "budget_taken")
    assert client.post(BUDGETS, body | {"bot_id": str(bot.pk)}, format="json").status_code == 201
    with pytest.raises(BudgetTakenError):
        _budget(3)


def test_a_foreign_bot_cannot_be_bounded(client: APIClient, globex: Tenant) -> None:
    with tenant_scope(globex):
        foreign = create_bot(by=SYSTEM, name="Theirs")

    refused = client.post(BUDGETS, {"period": "day", "amount": "1", "bot_id": str(foreign.pk)}, format="json")

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/bot_id")


def test_a_key_that_is_limited_to_some_bots_sees_and_bounds_those_only(
    acme: Tenant, bot: Bot, make_bot: MakeBot
) -> None:
    other = make_bot(name="Other")
    mine, hidden, whole = _budget(1, bot=bot), _budget(1, bot=other), _budget(1)
    key, plain = factories.make_api_key(acme)
    key.bot_ids = [bot.pk]
    key.save()
    limited = APIClient(headers={"authorization": f"Bearer {plain}"})

    assert [one["id"] for one in limited.get(BUDGETS).json()["results"]] == [str(mine.pk)]
    for budget in (hidden, whole):
        assert limited.get(f"{BUDGETS}/{budget.pk}").status_code == 404
    body = {"period": "month", "amount": "1"}
    assert limited.post(BUDGETS, body, format="json").status_code == 403
    assert limited.post(BUDGETS, body | {"bot_id": str(other.pk)}, format="json").status_code == 422


def test_the_list_asks_as_often_for_one_as_for_many(client: APIClient, make_bot: MakeBot, in_acme: Tenant) -> None:
    def queries() -> int:
        Spending.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(BUDGETS).status_code == 200
        return len(asked)

    _budget(1)
    queries()  # the first request notes that the key was used
    one = queries()
    for number in range(3):
        _budget(1, bot=make_bot(name=f"Bot {number}"))
    assert queries() == one
