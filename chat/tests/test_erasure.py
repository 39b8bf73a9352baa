"""Tests that nothing of an erased conversation is left in any table, wherever a copy of it was made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from bots.models import Bot
from chat.enums import MessageRole, Rating
from chat.models import Conversation, Message
from chat.services.conversations import delete_conversation, end_conversation, rename_conversation
from chat.services.feedback import give_feedback, withdraw_feedback
from chat.services.people import request_person
from chat.services.retention import delete_expired
from chat.tests.conftest import MakeBot
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from tenants.models import Tenant, TenantSettings
from tenants.types import Actor

CANARY = "canary-of-a-visitor"
_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', current_schema())
"""
Erase = Callable[[Actor, Tenant, Conversation], object]


@pytest.fixture
def told(in_acme: Tenant, make_bot: MakeBot, by_owner: Actor) -> Conversation:
    """A conversation that was named, rated, ended and told of, with a canary in whatever a visitor can write."""
    make_bot("echo")
    Webhook.objects.create(url="https://hooks.example/x", events=list(EventType), secret="", secret_last_four="abcd")
    conversation = Conversation.objects.create(
        bot=Bot.objects.get(), channel="widget", actor_type="user", actor_id=by_owner.id, visitor_ref=CANARY,
        title=CANARY, message_count=2,
    )  # fmt: skip
    Message.objects.create(conversation=conversation, seq=1, role=MessageRole.USER, content=CANARY)
    answer = Message.objects.create(conversation=conversation, seq=2, role=MessageRole.ASSISTANT, content=CANARY)
    rename_conversation(by=by_owner, conversation=conversation, title=CANARY)
    give_feedback(by=by_owner, message=answer, rating=Rating.DOWN, comment=CANARY)
    Bot.objects.update(look={"talk_to_person": True})
    request_person(by=by_owner, conversation=Conversation.objects.select_related("bot").get())
    end_conversation(by=by_owner, conversation=Conversation.objects.select_related("bot").get())
    for delivery in WebhookDelivery.objects.all():
        WebhookAttempt.objects.create(delivery=delivery, milliseconds=1, status=200, response=CANARY)
    return conversation


def left() -> set[str]:
    """The tables of both schemas that hold the canary."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [row[0] for row in cursor.fetchall()]
        found = set()
        for table in tables:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} AS row WHERE row::text LIKE %s)", [f"%{CANARY}%"])
            if cursor.fetchone()[0]:
                found.add(table.rpartition(".")[2])
    return found


def _expire(by: Actor, tenant: Tenant, conversation: Conversation) -> None:
    TenantSettings.objects.update_or_create(tenant=tenant, defaults={"retention_days": 1})
    Conversation.objects.update(last_message_at=timezone.now() - timedelta(days=2))
    delete_expired(tenant=tenant)


@pytest.mark.parametrize(
    "erase",
    [lambda by, tenant, conversation: delete_conversation(by=by, conversation=conversation), _expire],
    ids=["deleted", "expired"],
)
def test_an_erased_conversation_leaves_no_copy(
    told: Conversation, in_acme: Tenant, by_owner: Actor, erase: Erase
) -> None:
    assert {"conversations", "messages", "feedback", "webhook_events", "webhook_attempts"} <= left()

    erase(by_owner, in_acme, told)

    assert left() == set()


def test_a_comment_that_is_withdrawn_is_not_told_any_more(told: Conversation, by_owner: Actor) -> None:
    Conversation.objects.update(visitor_ref="", title="")
    Message.objects.update(content="")

    withdraw_feedback(by=by_owner, message=Message.objects.get(seq=2))

    assert "feedback" not in left()
    assert not WebhookDelivery.objects.filter(event__type=EventType.FEEDBACK_GIVEN).exists()
