"""What webhooks are told of turns and of bots: with every event asked for, and at no cost where nobody listens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bots.models import Bot
from bots.selectors import bot_by_ref
from bots.services import edit_draft, publish_bot
from chat.conversations.services.lifecycle import delete_conversation
from chat.enums import Channel, MessageStatus
from chat.inbox.services.takeover import reply, take_over
from chat.models import Conversation, Message
from chat.money.pricing import UsageKnown
from chat.tests.fixtures import MakeBot
from chat.turns.entrance import Left, Question
from chat.turns.outcomes import TurnOutcome
from chat.turns.services.abandonment import abandon, key_of
from chat.turns.services.left_questions import start_or_leave
from chat.turns.services.settlement import ending_of, finish
from chat.turns.services.start import start_turn
from chat.turns.turn import Turn
from chatcms.jobs import runner
from chatcms.tests.contract import check_webhook
from chatcms.webhooks import services as webhooks
from chatcms.webhooks.enums import EVERYTHING, EventType
from chatcms.webhooks.models import WebhookEvent
from chatcms.webhooks.tests.receiver import receiving
from tenants.models import Tenant
from tenants.types import SYSTEM

Told = Callable[[], list[tuple[str, dict[str, Any]]]]
VISITORS_WORDS = "Where is my grey umbrella?"


@pytest.fixture
def told(in_acme: Tenant, settings: Any) -> Iterator[Told]:
    """A receiver of everything; calling it does all jobs and returns the types and data that came since."""
    with receiving() as receiver:
        settings.WEBHOOK_PRIVATE_HOSTS = frozenset({urlsplit(receiver.address).netloc})
        webhooks.create_webhook(by=SYSTEM, url=receiver.address, events=[EVERYTHING])

        def work() -> list[tuple[str, dict[str, Any]]]:
            runner.run_due()
            bodies = [body for _, body in receiver.came]
            receiver.came.clear()
            for body in bodies:
                check_webhook(body)
                assert VISITORS_WORDS not in body.decode(), "what is said is fetched with a key"
            return [(one["type"], one["data"]) for one in map(json.loads, bodies)]

        yield work


@pytest.fixture
def bot(make_bot: MakeBot, in_acme: Tenant) -> Bot:
    return make_bot()


def _ask(tenant: Tenant, bot: Bot, **more: Any) -> Turn:
    found = bot_by_ref(bot.slug)
    return start_turn(
        Question(by=SYSTEM, tenant=tenant, bot=found, text=VISITORS_WORDS, channel=Channel.API, **more)
    ).turn


def _answer(turn: Turn, **more: Any) -> None:
    usage = UsageKnown(1, 1, False, None)
    finish(
        ending_of(turn, TurnOutcome(status=more.pop("status", MessageStatus.COMPLETE), text="So.", usage=usage, **more))
    )


def test_a_turn_is_told_of_as_it_goes(in_acme: Tenant, bot: Bot, told: Told) -> None:
    turn = _ask(in_acme, bot)
    asked = told()
    _answer(turn, has_evidence=True)
    answered = told()
    _answer(_ask(in_acme, bot, conversation_id=turn.conversation_id))
    went_on = told()

    assert [kind for kind, _ in asked] == [EventType.CONVERSATION_STARTED, EventType.MESSAGE_CREATED]
    assert asked[0][1]["conversation_id"] == str(turn.conversation_id)
    assert (asked[1][1]["role"], asked[1][1]["seq"]) == ("user", 1)
    ((kind, data),) = answered
    assert (kind, data["role"], data["status"]) == (EventType.MESSAGE_CREATED, "assistant", "complete")
    assert (data["message_id"], data["reply_to"]) == (str(turn.message_id), str(turn.question_id))
    assert data["url"].endswith(f"/v1/tenant/messages/{turn.message_id}")
    assert [(kind, data["role"]) for kind, data in went_on] == [
        (EventType.MESSAGE_CREATED, "user"),
        (EventType.MESSAGE_CREATED, "assistant"),
    ]


def test_a_question_without_an_answer_in_the_documents_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    turn = _ask(in_acme, bot)
    told()
    _answer(turn, has_evidence=False, answered_by="say_so")

    (_, (kind, data)) = told()

    assert kind == EventType.QUESTION_UNANSWERED
    assert (data["question_id"], data["message_id"]) == (str(turn.question_id), str(turn.message_id))
    assert data["answered_by"] == "say_so"


def test_a_failed_answer_is_told_of_and_counts_as_no_unanswered_question(in_acme: Tenant, bot: Bot, told: Told) -> None:
    turn = _ask(in_acme, bot)
    told()
    abandon(key_of(in_acme, Message.objects.get(pk=turn.message_id)))

    ((kind, data),) = told()

    assert (kind, data["status"]) == (EventType.MESSAGE_CREATED, "failed")


def test_what_people_write_and_what_waits_for_them_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    turn = _ask(in_acme, bot)
    _answer(turn)
    conversation = take_over(by=SYSTEM, conversation=Conversation.objects.get(), name="Ann")
    told()
    question = Question(
        by=SYSTEM,
        tenant=in_acme,
        bot=bot_by_ref(bot.slug),
        text=VISITORS_WORDS,
        channel=Channel.API,
        conversation_id=conversation.pk,
    )
    assert isinstance(start_or_leave(question), Left)
    reply(by=SYSTEM, conversation=conversation, content="On its way.")

    assert [(kind, data["role"]) for kind, data in told()] == [
        (EventType.MESSAGE_CREATED, "user"),
        (EventType.MESSAGE_CREATED, "person"),
    ]


def test_a_published_version_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    edit_draft(by=SYSTEM, bot=bot, system_prompt="Be kind.")
    publish_bot(by=SYSTEM, bot=bot, note="Kinder")

    ((kind, data),) = told()

    assert (kind, data["version"], data["note"]) == (EventType.BOT_PUBLISHED, 2, "Kinder")
    assert data["bot"] == {"id": str(bot.pk), "slug": bot.slug, "name": bot.name}
    assert data["url"].endswith(f"/v1/tenant/bots/{bot.pk}/versions/2")


def test_what_is_erased_is_forgotten_by_the_log_of_webhooks(in_acme: Tenant, bot: Bot, told: Told) -> None:
    _answer(_ask(in_acme, bot), has_evidence=False)
    told()
    delete_conversation(by=SYSTEM, conversation=Conversation.objects.get())

    assert not WebhookEvent.objects.exists()


def test_a_turn_takes_no_statement_more_where_nobody_listens(in_acme: Tenant, bot: Bot) -> None:
    webhooks.create_webhook(by=SYSTEM, url="https://93.184.215.14/x", events=[EventType.FEEDBACK_GIVEN])
    found = bot_by_ref(bot.slug)

    with CaptureQueriesContext(connection) as statements:
        turn = start_turn(Question(by=SYSTEM, tenant=in_acme, bot=found, text="Why?", channel=Channel.API)).turn
        _answer(turn, has_evidence=False)

    assert not [one for one in statements.captured_queries if "webhook" in one["sql"]]
    assert not WebhookEvent.objects.exists()
