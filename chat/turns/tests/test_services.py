"""Tests of starting and ending turns, and of what is kept of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots.models import Bot
from bots.selectors import bot_by_ref
from chat.conversations.services.lifecycle import delete_conversation
from chat.enums import Channel, MessageStatus
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation, Message, Usage
from chat.money.pricing import UsageKnown, priced
from chat.money.selectors import messages_this_month
from chat.selectors import conversation_of
from chat.tasks import fail_abandoned_everywhere
from chat.tests.fixtures import MakeBot
from chat.turns.asks import Overrides
from chat.turns.citations import quotes_for
from chat.turns.entrance import Question
from chat.turns.events import CitationMade
from chat.turns.exceptions import EmptyQuestionError, MessagesUsedUpError
from chat.turns.history import HISTORY_MESSAGES, HISTORY_STEP, history_of
from chat.turns.outcomes import TurnOutcome
from chat.turns.services.abandonment import fail_abandoned
from chat.turns.services.replay import events_of_answer
from chat.turns.services.settlement import ending_of, finish, save_partial
from chat.turns.services.start import start_turn
from chat.turns.sources import Source
from chat.turns.turn import Turn
from datasets.models import Chunk, Dataset
from datasets.services import chunks
from providers.adapters.anthropic.models import CATALOGUE as ANTHROPICS
from providers.adapters.openai.models import CATALOGUE as OPENAIS
from providers.messages import Message as PromptMessage
from providers.messages import Usage as TokenUsage
from providers.types import ModelInfo
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

USED = UsageKnown(10, 5, estimated=False, cost=Decimal("0.00007"))


@pytest.fixture
def bot(make_bot: MakeBot, in_acme: Tenant) -> Bot:
    return bot_by_ref(make_bot().slug)


def _start(by: Actor, tenant: Tenant, bot: Bot, question: str = "Why?", **more: object) -> Turn:
    return start_turn(Question(by=by, tenant=tenant, bot=bot, text=question, channel=Channel.API, **more)).turn  # type: ignore[arg-type]


def _finish(turn: Turn, text: str = "Because.", status: MessageStatus = MessageStatus.COMPLETE, **more: object) -> None:
    finish(ending_of(turn, TurnOutcome(status=status, text=text, usage=USED, **more)))  # type: ignore[arg-type]


def test_a_turn_saves_its_question_and_an_answer_to_come(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    turn = _start(by_owner, in_acme, bot, "  Why   is that?\x00 ")

    conversation = Conversation.objects.get()
    assert (conversation.title, conversation.message_count) == ("Why is that?", 2)
    assert (conversation.actor_type, conversation.actor_id) == ("user", by_owner.id)
    asked, answer = Message.objects.order_by("seq")
    assert (asked.seq, asked.content, asked.status) == (1, "Why   is that?", MessageStatus.COMPLETE)
    assert (answer.seq, answer.content, answer.status) == (2, "", MessageStatus.STREAMING)
    assert (answer.pk, answer.model, answer.provider_name) == (turn.message_id, "fake", "Fake for Guide")


def test_a_turn_takes_few_statements(in_acme: Tenant, make_bot: MakeBot, handbook: Dataset, by_owner: Actor) -> None:
    make_bot(dataset=handbook)
    with CaptureQueriesContext(connection) as starting:
        turn = _start(by_owner, in_acme, bot_by_ref("guide"))
    with CaptureQueriesContext(connection) as finishing:
        _finish(turn)

    assert (len(starting), len(finishing)) == (3, 1)


def test_the_end_of_a_turn_keeps_text_citations_retrieval_and_usage(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    source = Source(1, uuid.uuid4(), uuid.uuid4(), "rules.pdf", "The rule itself.", page=2, score=0.5)

    _finish(
        _start(by_owner, in_acme, bot),
        sources=(source,),
        cited=(source,),
        has_evidence=True,
        finish_reason="stop",
        first_token_ms=12,
        total_ms=34,
    )

    answer = Message.objects.get(seq=2)
    assert (answer.content, answer.status, answer.finish_reason) == ("Because.", "complete", "stop")
    assert (answer.first_token_ms, answer.total_ms) == (12, 34)
    assert answer.citations[0]["document"] == "rules.pdf"
    assert answer.retrieval["passages"] == [{"number": 1, "chunk_id": str(source.chunk_id), "score": 0.5}]
    assert "The rule itself." not in str([answer.citations, answer.retrieval])
    used = Usage.objects.get()
    assert (used.message_id, used.bot_id) == (answer.pk, bot.pk)
    assert (used.prompt_tokens, used.completion_tokens, used.cost) == (10, 5, Decimal("0.00007"))


def test_a_conversation_goes_on_with_its_history(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    first = _start(by_owner, in_acme, bot, "One?")
    _finish(first, "One.")
    failed = _start(by_owner, in_acme, bot, "Two?", conversation_id=first.conversation_id)
    _finish(failed, "", MessageStatus.FAILED)
    stopped = _start(by_owner, in_acme, bot, "Three?", conversation_id=first.conversation_id)
    _finish(stopped, "Thr", MessageStatus.STOPPED)

    last = _start(by_owner, in_acme, bot, "Four?", conversation_id=first.conversation_id)

    assert [message.text for message in last.ask.history] == ["One?", "One.", "Three?", "Thr"]
    assert list(Message.objects.values_list("seq", flat=True).order_by("seq")) == list(range(1, 9))
    assert Conversation.objects.get().message_count == 8


def test_a_long_conversations_history_begins_with_one_message_for_several_turns(in_acme: Tenant, bot: Bot) -> None:
    talk = Conversation.objects.create(bot=bot, channel=Channel.API, actor_type="system")
    history: tuple[PromptMessage, ...] = ()
    starts = []
    for turn in range(60):
        place = {"conversation": talk, "status": MessageStatus.COMPLETE}
        asked = Message.objects.create(**place, seq=3 * turn + 1, role="user", content=f"Question {turn}")
        # Answers that others took the place of count for nothing.
        for nth, superseded in enumerate((True, False), 2):
            Message.objects.create(
                **place, seq=3 * turn + nth, role="assistant", content=f"{turn}", superseded=superseded, reply_to=asked
            )
        before, history = history, history_of(talk.pk)
        starts.append(history[0].text)
        assert [one.text for one in history[-2:]] == [f"Question {turn}", f"{turn}"]
        assert starts[-1] != starts[-2:][0] or history[: len(before)] == before
        assert len(history) > min(2 * turn, HISTORY_MESSAGES - HISTORY_STEP)

    runs = [len(list(group)) for _, group in groupby(starts)]
    assert len(runs) > 3
    assert min(runs[:-1]) >= HISTORY_STEP // 2


def test_anothers_conversation_is_refused_like_one_that_is_not_there(
    in_acme: Tenant, bot: Bot, make_bot: MakeBot, by_owner: Actor
) -> None:
    mine = _start(by_owner, in_acme, bot).conversation_id
    other = factories.actor_of(factories.make_member(in_acme, "other@acme.example"))
    second = make_bot(name="Second")

    for by, asked, conversation in ((other, bot, mine), (by_owner, second, mine), (by_owner, bot, uuid.uuid4())):
        with pytest.raises(NoSuchConversationError):
            _start(by, in_acme, asked, conversation_id=conversation)

    assert Message.objects.count() == 2
    assert Conversation.objects.get().message_count == 2


def test_a_conversation_of_another_tenant_is_refused(
    in_acme: Tenant, globex: Tenant, bot: Bot, by_owner: Actor
) -> None:
    mine = _start(by_owner, in_acme, bot).conversation_id

    with tenant_scope(globex), pytest.raises(NoSuchConversationError):
        conversation_of(by_owner, mine)


@pytest.mark.parametrize("question", ["", "   ", "\x00", "\n\t", "\u200b\u2060", "\u3164", "\U000e0041"])
def test_an_empty_question_is_refused(in_acme: Tenant, bot: Bot, by_owner: Actor, question: str) -> None:
    with pytest.raises(EmptyQuestionError):
        _start(by_owner, in_acme, bot, question)


def test_a_plan_bounds_the_messages_of_a_month(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    in_acme.plan = Plan.objects.create(code="small", name="Small", max_monthly_messages=2)
    _finish(_start(by_owner, in_acme, bot))
    _start(by_owner, in_acme, bot)

    with pytest.raises(MessagesUsedUpError):
        _start(by_owner, in_acme, bot)

    assert Conversation.objects.count() == 2


def test_last_months_messages_do_not_count_and_deleted_ones_do(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    _finish(_start(by_owner, in_acme, bot))
    delete_conversation(by=by_owner, conversation=Conversation.objects.get())
    assert messages_this_month() == 1

    Usage.objects.update(day=timezone.now().date().replace(day=1) - timedelta(days=1))

    assert messages_this_month() == 0


def test_deleting_a_conversation_leaves_only_its_usage(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    _finish(_start(by_owner, in_acme, bot, "A secret"), "Another secret")

    delete_conversation(by=by_owner, conversation=Conversation.objects.get())

    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)
    assert Usage.objects.get().message_id is None
    audited = AuditEvent.objects.get(action="conversation.delete")
    assert "secret" not in f"{audited.target_label} {audited.detail}"


def test_a_turn_whose_conversation_was_deleted_still_settles_its_usage(
    in_acme: Tenant, bot: Bot, by_owner: Actor
) -> None:
    turn = _start(by_owner, in_acme, bot)
    Conversation.objects.all().delete()

    _finish(turn)

    assert Usage.objects.get().message_id is None


def test_an_answer_whose_process_was_killed_is_marked_and_keeps_its_text(
    in_acme: Tenant, bot: Bot, by_owner: Actor
) -> None:
    old, young = _start(by_owner, in_acme, bot), _start(by_owner, in_acme, bot)
    save_partial(turn=old, text="So far")
    Message.objects.filter(pk=old.message_id).update(created_at=timezone.now() - timedelta(minutes=6))

    fail_abandoned_everywhere()

    abandoned = Message.objects.get(pk=old.message_id)
    assert (abandoned.status, abandoned.error_code, abandoned.content) == ("failed", "abandoned", "So far")
    assert Message.objects.get(pk=young.message_id).status == MessageStatus.STREAMING
    assert fail_abandoned(tenant=in_acme) == 0


def test_a_late_flush_does_not_overwrite_the_end(in_acme: Tenant, bot: Bot, by_owner: Actor) -> None:
    turn = _start(by_owner, in_acme, bot)
    _finish(turn, "Whole.")

    save_partial(turn=turn, text="Who")

    assert Message.objects.get(pk=turn.message_id).content == "Whole."


def test_a_caller_may_lower_the_bots_limit_but_not_raise_it(
    in_acme: Tenant, make_bot: MakeBot, by_owner: Actor
) -> None:
    bot = make_bot(max_tokens=100)

    limits = [
        _start(by_owner, in_acme, bot, overrides=Overrides(max_tokens=asked)).ask.bot.max_tokens
        for asked in (None, 50, 500)
    ]

    assert limits == [100, 50, 100]


def test_cost_follows_the_models_prices_and_is_unknown_without_them() -> None:
    dear = ModelInfo("m", input_price=Decimal(2), output_price=Decimal(10))

    assert priced(dear, TokenUsage(1000, 500)).cost == Decimal("0.007")
    assert priced(ModelInfo("m"), TokenUsage(1000, 500)).cost is None
    assert priced(ModelInfo("m"), TokenUsage(0, 0)).cost == 0


@pytest.mark.parametrize(
    ("model", "tokens", "cost"),
    [
        ("gpt-4o", TokenUsage(10_000, 100, cache_read_tokens=8_000), "0.016"),
        ("gpt-4.1", TokenUsage(10_000, 100, cache_read_tokens=8_000), "0.0088"),
        ("gpt-5", TokenUsage(10_000, 1000, cache_read_tokens=8_000, reasoning_tokens=900), "0.0135"),
        ("gpt-5.6-sol", TokenUsage(10_000, 100, cache_write_tokens=8_000), "0.05"),
        ("gpt-4", TokenUsage(1_000, 100, cache_read_tokens=800), "0.036"),
    ],
)
def test_what_is_booked_is_what_the_vendor_bills(model: str, tokens: TokenUsage, cost: str) -> None:
    assert priced(OPENAIS[model], tokens).cost == Decimal(cost)


def test_anthropics_cache_costs_a_tenth_to_read_and_a_quarter_more_to_write() -> None:
    tokens = TokenUsage(12_000, 1_000, cache_read_tokens=8_000, cache_write_tokens=2_000)
    bill = (2_000 * 3 + Decimal("0.3") * 8_000 + Decimal("3.75") * 2_000 + 1_000 * 15) / 1_000_000
    assert priced(ANTHROPICS["claude-sonnet-4-5"], tokens).cost == bill


def test_thoughts_may_have_a_price_of_their_own() -> None:
    model = ModelInfo("m", input_price=Decimal(1), output_price=Decimal(2), reasoning_price=Decimal(4))
    assert priced(model, TokenUsage(0, 1_000, reasoning_tokens=600)).cost == Decimal("0.0032")


Withdraw = Callable[[Chunk], object]


@pytest.mark.parametrize(
    "withdraw",
    [
        lambda chunk: chunk.delete(),
        lambda chunk: chunk.document.delete(),
        lambda chunk: chunks.apply_edit(by=SYSTEM, edit=chunks.prepare_edit(chunk=chunk, is_active=False)),
        lambda chunk: chunks.apply_edit(by=SYSTEM, edit=chunks.prepare_edit(chunk=chunk, text="Today's text.")),
        lambda chunk: Dataset.objects.filter(pk=chunk.dataset_id).update(is_active=False),
    ],
    ids=["deleted", "document deleted", "switched off", "edited", "dataset switched off"],
)
def test_a_citation_shows_its_passage_until_that_is_withdrawn(
    in_acme: Tenant, bot: Bot, handbook: Dataset, by_owner: Actor, withdraw: Withdraw
) -> None:
    chunk = handbook.chunks.select_related("document__dataset").first()
    assert chunk is not None
    source = Source(1, chunk.pk, chunk.document_id, "rules.txt", chunk.text)
    _finish(_start(by_owner, in_acme, bot), cited=(source,), sources=(source,), has_evidence=True)
    answer = Message.objects.get(role="assistant")
    assert quotes_for([answer]) == {(answer.pk, str(chunk.pk)): chunk.text}
    assert _told_texts(answer) == [chunk.text]

    withdraw(chunk)

    assert quotes_for([answer]) == {}
    assert _told_texts(answer) == [""]


def test_an_answer_made_after_an_edit_quotes_the_passage(
    in_acme: Tenant, bot: Bot, handbook: Dataset, by_owner: Actor
) -> None:
    chunk = handbook.chunks.select_related("document__dataset").first()
    assert chunk is not None
    edited = chunks.apply_edit(by=SYSTEM, edit=chunks.prepare_edit(chunk=chunk, text="Returns within forty days."))
    _finish(_start(by_owner, in_acme, bot), cited=(Source(1, chunk.pk, chunk.document_id, "rules.txt", edited.text),))
    # The test is one transaction, in which the database's clock stands still.
    Message.objects.update(created_at=timezone.now())
    answer = Message.objects.get(role="assistant")

    assert quotes_for([answer]) == {(answer.pk, str(chunk.pk)): edited.text}


def _told_texts(answer: Message) -> list[str]:
    return [event.source.text for event in events_of_answer(answer) if isinstance(event, CitationMade)]
