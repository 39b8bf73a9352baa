"""Every event that a webhook can listen to, from what happens to a receiver that really gets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from bots.models import Bot
from chat.conversations.services.lifecycle import end_conversation, end_idle
from chat.enums import BudgetPeriod, Channel, Rating
from chat.models import Conversation, Message
from chat.money.exceptions import BudgetExceededError
from chat.money.services import budgets
from chat.tests.fixtures import MakeBot
from chat.turns.entrance import Question
from chat.turns.exceptions import MessagesUsedUpError
from chat.turns.services.feedback import give_feedback
from chat.turns.services.permits import reserve
from chat.turns.services.start import start_turn
from chat.turns.turn import Turn
from chatcms.jobs import runner
from chatcms.tests.contract import check_webhook
from chatcms.webhooks import services as webhooks
from chatcms.webhooks.enums import OF_TURNS, EventType
from chatcms.webhooks.models import WebhookEvent
from chatcms.webhooks.tests.receiver import receiving
from datasets.models import Dataset, Document
from datasets.services import add_url, create_dataset, retry_document, upload_document
from datasets.tests import files
from datasets.tests.webserver import Page, serving
from tenants.models import Plan, Tenant
from tenants.types import SYSTEM

# What happens in turns is told of in the tests of `test_told_turns`.
LISTENED = [one for one in EventType if one not in OF_TURNS]
Told = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def bot(make_bot: MakeBot, in_acme: Tenant) -> Bot:
    return make_bot()


@pytest.fixture
def told(in_acme: Tenant, settings: Any) -> Iterator[Told]:
    """A receiver of all events; calling it does all jobs and returns the types and data that came since."""
    with receiving() as receiver:
        settings.WEBHOOK_PRIVATE_HOSTS = frozenset({urlsplit(receiver.address).netloc})
        webhooks.create_webhook(by=SYSTEM, url=receiver.address, events=LISTENED)

        def work() -> list[tuple[str, dict[str, Any]]]:
            runner.run_due()
            for _, body in receiver.came:
                check_webhook(body)
            came = [json.loads(body) for _, body in receiver.came]
            receiver.came.clear()
            return [(one["type"], one["data"]) for one in came]

        yield work


def _ask(tenant: Tenant, bot: Bot) -> Turn:
    return start_turn(Question(by=SYSTEM, tenant=tenant, bot=bot, text="Why?", channel=Channel.API)).turn


def _upload(name: str = "rules.txt", content: bytes = b"Returns within thirty days.") -> Document:
    dataset = Dataset.objects.first() or create_dataset(by=SYSTEM, name="Handbook")
    return upload_document(by=SYSTEM, dataset=dataset, name=name, file=ContentFile(content)).document


def _plan(tenant: Tenant, **limits: Any) -> None:
    tenant.plan = Plan.objects.create(code="small", name="Small", **limits)
    tenant.save(update_fields=["plan"])


# --- conversations and feedback --------------------------------------------------------------------------


def test_a_conversation_that_somebody_ends_is_told_of_once(in_acme: Tenant, bot: Bot, told: Told) -> None:
    conversation = Conversation.objects.get(pk=_ask(in_acme, bot).conversation_id)
    for _ in range(2):
        end_conversation(by=SYSTEM, conversation=conversation)

    ((kind, data),) = told()

    assert kind == EventType.CONVERSATION_FINISHED
    assert data["conversation_id"] == str(conversation.pk)
    assert data["bot"]["slug"] == bot.slug


def test_a_conversation_that_nobody_goes_on_with_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    turn = _ask(in_acme, bot)
    Conversation.objects.update(last_message_at=timezone.now() - timedelta(hours=1))
    end_idle()

    ((kind, data),) = told()

    assert (kind, data["conversation_id"]) == (EventType.CONVERSATION_FINISHED, str(turn.conversation_id))


def test_feedback_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    message = Message.objects.select_related("conversation").get(pk=_ask(in_acme, bot).message_id)
    give_feedback(by=SYSTEM, message=message, rating=Rating.DOWN, comment="It was wrong.")

    ((kind, data),) = told()

    assert kind == EventType.FEEDBACK_GIVEN
    assert (data["message_id"], data["rating"], data["comment"]) == (str(message.pk), "down", "It was wrong.")


# --- documents -------------------------------------------------------------------------------------------


def test_a_document_that_becomes_ready_is_told_of(told: Told) -> None:
    document = _upload()

    ((kind, data),) = told()

    assert kind == EventType.DOCUMENT_READY
    assert (data["document_id"], data["name"], data["version"]) == (str(document.pk), "rules.txt", 1)
    assert data["chunk_count"] == 1
    assert "Returns" not in str(data), "events hold no text of documents"


def test_a_document_that_cannot_be_read_is_told_of_with_the_reason(told: Told) -> None:
    document = _upload("scan.pdf", files.pdf(["image"]))

    ((kind, data),) = told()

    document.refresh_from_db()
    assert kind == EventType.DOCUMENT_FAILED
    assert data["error"] == {"code": document.error_code, "detail": document.error_detail}
    assert document.error_code == "scan"


def test_a_document_that_fails_again_is_told_of_again(told: Told) -> None:
    document = _upload("scan.pdf", files.pdf(["image"]))
    told()
    retry_document(by=SYSTEM, document=document)

    assert [kind for kind, _ in told()] == [EventType.DOCUMENT_FAILED]


def test_a_page_that_has_not_changed_is_ready_again_as_the_version_it_was(told: Told, settings: Any) -> None:
    with serving() as site:
        settings.FETCH_PRIVATE_HOSTS = frozenset({site.host})
        site.pages["/"] = Page(b"<title>Rules</title><p>Returns within thirty days of the purchase.</p>")
        document = add_url(by=SYSTEM, dataset=create_dataset(by=SYSTEM, name="Site"), url=site.url())
        told()
        retry_document(by=SYSTEM, document=document)

        ((kind, data),) = told()

    assert (kind, data["version"]) == (EventType.DOCUMENT_READY, 1)
    assert data["source_url"] == site.url()


# --- quotas ----------------------------------------------------------------------------------------------


def test_the_question_that_uses_the_last_message_up_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    _plan(in_acme, max_monthly_messages=2)
    _ask(in_acme, bot)
    assert told() == []
    _ask(in_acme, bot)
    with pytest.raises(MessagesUsedUpError):
        _ask(in_acme, bot)

    ((kind, data),) = told()

    assert kind == EventType.QUOTA_REACHED
    assert (data["quota"], data["used"], data["limit"]) == ("messages", 2, 2)
    assert data["resets_at"] > timezone.now().isoformat()


def test_a_question_that_was_not_saved_uses_nothing_up(in_acme: Tenant, bot: Bot, told: Told) -> None:
    _plan(in_acme, max_monthly_messages=1)
    with pytest.raises(RuntimeError), transaction.atomic():
        _ask(in_acme, bot)
        raise RuntimeError

    assert not WebhookEvent.objects.exists()


def test_money_that_is_used_up_is_told_of(in_acme: Tenant, bot: Bot, told: Told) -> None:
    budgets.create_budget(by=SYSTEM, amount=Decimal(0), period=BudgetPeriod.DAY)
    with pytest.raises(BudgetExceededError):
        reserve(_ask(in_acme, bot), 100)

    ((kind, data),) = told()

    assert (kind, data["quota"], data["period"]) == (EventType.QUOTA_REACHED, "budget", "day")


def test_the_last_places_for_bots_datasets_and_documents_are_told_of(
    in_acme: Tenant, make_bot: MakeBot, told: Told
) -> None:
    _plan(in_acme, max_bots=1, max_datasets=1, max_documents=1)
    make_bot()
    _upload()

    quotas = [data["quota"] for kind, data in told() if kind == EventType.QUOTA_REACHED]

    assert sorted(quotas) == ["bots", "datasets", "documents"]


def test_storage_counts_as_used_up_when_next_to_nothing_is_left(in_acme: Tenant, told: Told) -> None:
    _plan(in_acme, max_storage_bytes=1000)
    _upload("a.txt", b"a" * 900)
    assert [kind for kind, _ in told()] == [EventType.DOCUMENT_READY]
    _upload("b.txt", b"b" * 60)

    (data,) = [data for kind, data in told() if kind == EventType.QUOTA_REACHED]

    assert (data["quota"], data["used"], data["limit"]) == ("storage_bytes", 960, 1000)
