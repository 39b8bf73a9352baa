"""Tests that nothing of an erased conversation is left in any table, in Redis or on the disk, whoever made a copy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from bots.models import Bot
from bots.services.bots import delete_bot
from chat.conversations.services.lifecycle import delete_conversation, end_conversation, rename_conversation
from chat.conversations.services.retention import delete_expired
from chat.enums import MessageRole, Rating
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.live.store import LogEntry, Store, TurnKey, sync_client
from chat.turns.services.feedback import give_feedback, withdraw_feedback
from chat.turns.services.handoff import request_person
from chatcms.core.db import sealing
from chatcms.exports import making
from chatcms.exports import services as exports
from chatcms.exports.enums import ExportState
from chatcms.exports.models import TenantExport
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from tenants.models import IdempotentRequest, Tenant, TenantSettings
from tenants.services import idempotency
from tenants.services.idempotency import Reply
from tenants.types import SYSTEM, Actor

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


@pytest.fixture
def copied(told: Conversation, in_acme: Tenant, by_owner: Actor, tmp_path: Path, settings: Any) -> None:
    """Copies elsewhere: an answer kept for who asks twice, the log of an answer under way, an export."""
    settings.MEDIA_ROOT = str(tmp_path)
    answer = Message.objects.get(seq=2)
    asked = idempotency.asked(
        by=by_owner, tenant_id=in_acme.pk, key="k", route="feedback", address=[str(answer.pk)], data={}
    )
    with transaction.atomic():
        body = orjson.dumps({"message_id": answer.pk, "comment": CANARY})
        idempotency.keep(asked, Reply(201, {}, body))
    asyncio.run(_log(TurnKey(in_acme.pk, answer.pk)))
    export = exports.ask_for_export(by=SYSTEM)
    making.make(export.pk)


@pytest.fixture(autouse=True)
def _no_log_of_another_test() -> None:
    with sync_client() as client:
        for key in client.scan_iter("turn:*"):
            client.delete(key)


async def _log(key: TurnKey) -> None:
    """Write of an answer as the process does that makes it."""
    writer = Store()
    await writer.commit([LogEntry(key, 0, CANARY.encode())], [(key, 60.0)])
    await writer.aclose()


def left_elsewhere() -> set[str]:
    """Where else than in tables, or encrypted in one, the canary is."""
    found = set()
    for row in IdempotentRequest.objects.all():
        text = sealing.decrypt(row.body, purpose="idempotent reply", context=row.key_hash)
        found |= {"idempotent_requests"} if CANARY in text else set()
    with sync_client() as client:
        for key in client.scan_iter("*"):
            values: Any = client.xrange(key) if client.type(key) == b"stream" else client.dump(key)
            found |= {"redis"} if CANARY in f"{key}{values}" else set()
    for path in Path(django_settings.MEDIA_ROOT).rglob("*.zip"):
        with ZipFile(path) as archive:
            found |= {"export"} if any(CANARY.encode() in archive.read(name) for name in archive.namelist()) else set()
    return found


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


def _expire_a_day_later(by: Actor, tenant: Tenant, conversation: Conversation) -> None:
    TenantExport.objects.update(created_at=timezone.now() - timedelta(days=2))
    _expire(by, tenant, conversation)


def _delete(by: Actor, tenant: Tenant, conversation: Conversation) -> None:
    delete_conversation(by=by, conversation=conversation)


def _with_bot(by: Actor, tenant: Tenant, conversation: Conversation) -> None:
    delete_bot(by=by, bot=conversation.bot)


@pytest.mark.parametrize(
    "erase",
    [
        _delete,
        _expire_a_day_later,
        _with_bot,
    ],
    ids=["deleted", "expired", "gone with its bot"],
)
@pytest.mark.django_db(transaction=True)
def test_an_erased_conversation_leaves_no_copy(
    told: Conversation, copied: None, in_acme: Tenant, by_owner: Actor, erase: Erase
) -> None:
    assert {"conversations", "messages", "feedback", "webhook_events", "webhook_attempts"} <= left()
    assert left_elsewhere() == {"idempotent_requests", "redis", "export"}
    key = TurnKey(in_acme.pk, Message.objects.get(seq=2).pk)

    erase(by_owner, in_acme, told)
    # The process that was making the answer has not heard of it yet.
    asyncio.run(_log(key))

    assert left() == set()
    assert left_elsewhere() == set()


def test_what_goes_by_its_age_stays_in_an_export_for_a_day(
    told: Conversation, copied: None, in_acme: Tenant, by_owner: Actor
) -> None:
    _expire(by_owner, in_acme, told)
    assert TenantExport.objects.count() == 1


def test_an_export_is_made_anew_when_something_is_erased_meanwhile(
    told: Conversation, in_acme: Tenant, by_owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, written = exports.ask_for_export(by=SYSTEM), making._write_file

    def erased_meanwhile(path: Path) -> None:
        written(path)
        for row in Conversation.objects.all():
            delete_conversation(by=by_owner, conversation=row)

    monkeypatch.setattr(making, "_write_file", erased_meanwhile)
    making.make(export.pk)

    assert TenantExport.objects.get().state == ExportState.READY
    assert CANARY.encode() not in ZipFile(making.path_of(export.pk)).read("conversations.jsonl")


def test_a_comment_that_is_withdrawn_is_not_told_any_more(told: Conversation, by_owner: Actor) -> None:
    Conversation.objects.update(visitor_ref="", title="")
    Message.objects.update(content="")

    withdraw_feedback(by=by_owner, message=Message.objects.get(seq=2))

    assert "feedback" not in left()
    assert not WebhookDelivery.objects.filter(event__type=EventType.FEEDBACK_GIVEN).exists()
