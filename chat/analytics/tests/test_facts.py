"""What turns leave behind for the figures, by every way that an answer can end; it outlives the conversation."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection

from bots.models import Bot
from chat.conversations.services.lifecycle import delete_conversation
from chat.enums import Channel, MessageStatus, Rating
from chat.models import Conversation, Message, Usage
from chat.money.pricing import UsageKnown
from chat.tests.fixtures import MakeBot
from chat.turns.entrance import Question
from chat.turns.events import CURATED
from chat.turns.live.store import TurnKey
from chat.turns.outcomes import TurnOutcome
from chat.turns.pseudonyms import PERSON, person_of
from chat.turns.services.abandonment import abandon
from chat.turns.services.feedback import give_feedback, withdraw_feedback
from chat.turns.services.restart import restart
from chat.turns.services.settlement import ending_of, finish
from chat.turns.services.start import start_turn
from chat.turns.sources import Source
from chat.turns.turn import Turn
from tenants.models import Tenant
from tenants.types import SYSTEM, Actor

VISITOR = Actor(type="visitor", id=uuid.UUID(int=77))


@pytest.fixture
def bot(make_bot: MakeBot, in_acme: Tenant) -> Bot:
    return make_bot()


def _ask(tenant: Tenant, bot: Bot, *, by: Actor = SYSTEM, **more: Any) -> Turn:
    return start_turn(Question(by=by, tenant=tenant, bot=bot, text="Why?", channel=Channel.WIDGET, **more)).turn


def _finish(turn: Turn, status: MessageStatus = MessageStatus.COMPLETE, **values: Any) -> None:
    used = UsageKnown(10, 8, estimated=False)
    finish(ending_of(turn, TurnOutcome(status, "Because.", used, **values)))


def _source(document: int) -> Source:
    return Source(1, uuid.uuid4(), uuid.UUID(int=document), "Rules", "Thirty days.")


def test_an_answer_is_kept_with_who_asked_where_and_how_it_went(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot, by=VISITOR)
    _finish(turn, has_evidence=True, cited=(_source(1), _source(2), _source(1)), first_token_ms=300, total_ms=900)

    row = Usage.objects.get()

    message = Message.objects.get(pk=turn.message_id)
    assert (row.message_id, row.bot_id, row.channel) == (message.pk, bot.pk, "widget")
    assert row.asked_at == message.created_at
    assert row.person == person_of("visitor", VISITOR.id)
    assert (row.outcome, row.answered_by, row.has_evidence, row.opens) == ("complete", "model", True, True)
    assert row.cited == [uuid.UUID(int=1), uuid.UUID(int=2)]
    assert (row.first_token_ms, row.total_ms) == (300, 900)


@pytest.mark.parametrize("actor_type", ["visitor", "user", "api_key", "system"])
@pytest.mark.parametrize("actor_id", [None, VISITOR.id])
def test_people_have_the_same_number_in_statements_and_in_python(
    in_acme: Tenant, bot: Bot, actor_type: str, actor_id: uuid.UUID | None
) -> None:
    Conversation.objects.create(bot=bot, channel=Channel.API, actor_type=actor_type, actor_id=actor_id)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {PERSON} FROM conversations")
        assert cursor.fetchone()[0] == person_of(actor_type, actor_id)


def test_only_the_first_answer_opens_a_conversation(in_acme: Tenant, bot: Bot) -> None:
    first = _ask(in_acme, bot)
    _finish(first)
    _finish(_ask(in_acme, bot, conversation_id=first.conversation_id))
    assert [row.opens for row in Usage.objects.order_by("id")] == [True, False]


def test_an_answer_of_people_is_kept_as_such(in_acme: Tenant, bot: Bot) -> None:
    _finish(_ask(in_acme, bot), answered_by=CURATED, curated_answer_id=uuid.uuid4())
    assert Usage.objects.get().answered_by == "curated"


def test_the_answer_that_another_takes_the_place_of_does_not_count_for_the_question(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot)
    _finish(turn)
    _finish(_ask(in_acme, bot, instead_of=Message.objects.get(pk=turn.message_id)))
    assert [(row.superseded, row.opens) for row in Usage.objects.order_by("id")] == [(True, True), (False, False)]


def test_an_answer_that_somebody_comes_back_to_ends_once(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot)
    _finish(turn, MessageStatus.STOPPED)
    again = restart(by=SYSTEM, tenant=in_acme, key=TurnKey(in_acme.pk, turn.message_id))
    assert again is not None
    _finish(again)
    rows = Usage.objects.order_by("id")
    assert [(row.outcome, row.opens) for row in rows] == [("", False), ("complete", True)]


def test_an_answer_whose_process_is_gone_has_failed(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot, by=VISITOR)
    assert abandon(TurnKey(in_acme.pk, turn.message_id))
    row = Usage.objects.get()
    assert (row.outcome, row.opens, row.channel) == ("failed", True, "widget")
    assert row.person == person_of("visitor", VISITOR.id)
    assert row.asked_at == Message.objects.get(pk=turn.message_id).created_at


def test_a_rating_is_kept_changed_and_taken_back(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot)
    _finish(turn)
    message = Message.objects.select_related("conversation").get(pk=turn.message_id)
    seen = []
    for rating in (Rating.UP, Rating.DOWN):
        give_feedback(by=SYSTEM, message=message, rating=rating)
        seen.append(Usage.objects.get().rating)
    before = Usage.objects.get().changed_at
    withdraw_feedback(by=SYSTEM, message=message)
    row = Usage.objects.get()
    assert [*seen, row.rating] == [1, -1, None]
    assert row.changed_at > before, "days that were summed up are made anew"


def test_all_of_it_stays_when_the_conversation_is_deleted(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot, by=VISITOR)
    _finish(turn, has_evidence=False)
    before = Usage.objects.values().get()
    delete_conversation(by=SYSTEM, conversation=Conversation.objects.get(pk=turn.conversation_id))
    assert Usage.objects.values().get() == {**before, "message_id": None}


def test_an_answer_that_ends_after_its_conversation_was_deleted_counts(in_acme: Tenant, bot: Bot) -> None:
    turn = _ask(in_acme, bot)
    Conversation.objects.all().delete()
    _finish(turn, has_evidence=True)
    row = Usage.objects.get()
    assert (row.message_id, row.person, row.channel, row.outcome) == (None, None, "", "complete")
