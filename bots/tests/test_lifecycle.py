"""Tests of copying bots, putting them away and taking them out again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from bots import services
from bots.exceptions import NoSuchBotError, TooManyBotsError
from bots.look import Look
from bots.models import Bot, CuratedAnswer
from bots.selectors import bot_by_id, bot_by_ref, bots_found, bots_usable, is_shown_on
from chat.models import Conversation
from chatcms.core.exceptions import PermissionDeniedError
from datasets.models import Dataset
from providers.services import create_provider
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Plan, Tenant
from tenants.types import SYSTEM, Actor, Origin


def make(name: str = "Help desk", **settings: Any) -> Bot:
    return services.create_bot(by=SYSTEM, name=name, **settings)


def limit(tenant: Tenant, bots: int) -> None:
    tenant.plan = Plan.objects.create(code=f"plan-{bots}", name="Small", max_bots=bots)
    tenant.save()


def test_a_copy_has_all_but_the_name_and_the_conversations(in_acme: Tenant, by_owner: Actor) -> None:
    provider = create_provider(by=SYSTEM, name="Mine", provider_type="openai")
    settings: dict[str, Any] = {
        "description": "d",
        "tenant_ai_provider_id": provider.pk,
        "system_prompt": "p",
        "model": "m",
        "temperature": 0.1,
        "max_tokens": 9,
        "passages": 3,
        "dataset_ids": [Dataset.objects.create(name="A").id],
        "fallbacks": [{"model": "f", "provider_id": str(provider.pk)}],
        "welcome_message": "w",
        "suggested_questions": ["q"],
        "no_evidence": "handoff",
        "no_evidence_message": "n",
        "allowed_origins": ["https://shop.example"],
        "require_identity": True,
        "hosted_page": True,
        "daily_visitor_questions": 100,
        "look": Look(title="Acme").stored(),
        "is_active": False,
    }
    bot = make(**settings)
    answer = services.create_curated_answer(by=SYSTEM, bot=bot, answer="At nine.", questions=["When?", "What time?"])
    services.record_hit(answer.pk)
    Conversation.objects.create(bot=bot, channel="api", actor_type="system")
    copy = services.duplicate_bot(by=by_owner, bot=bot)
    assert (copy.name, copy.slug, copy.created_by) == ("Help desk (copy)", "help-desk-copy", by_owner.id)
    assert copy.pk != bot.pk
    assert {name: getattr(copy, name) for name in settings} == settings
    copied = CuratedAnswer.objects.get(bot=copy)
    assert (copied.answer, copied.hit_count) == ("At nine.", 0)
    assert list(copied.questions.values_list("seq", "text", "normalized")) == list(
        answer.questions.values_list("seq", "text", "normalized")
    )
    assert not Conversation.objects.filter(bot=copy).exists()
    assert AuditEvent.objects.get(action="bot.duplicate").detail == {"source": str(bot.pk)}


def test_a_copy_of_a_long_name_has_a_name_that_fits(in_acme: Tenant) -> None:
    copy = services.duplicate_bot(by=SYSTEM, bot=make("n" * 255))
    assert (len(copy.name), copy.name[-7:]) == (255, " (copy)")
    assert services.duplicate_bot(by=SYSTEM, bot=copy, name="Short").slug == "short"


def test_a_copy_takes_a_place_in_the_plan(in_acme: Tenant) -> None:
    bot = make()
    limit(in_acme, 1)
    with pytest.raises(TooManyBotsError):
        services.duplicate_bot(by=SYSTEM, bot=bot)


@pytest.mark.django_db(transaction=True)
def test_copies_made_at_once_do_not_share_the_last_place(acme: Tenant) -> None:
    limit(acme, 3)
    with tenant_scope(acme):
        bot = make()
    outcomes: list[str] = []
    barrier = threading.Barrier(5)

    def duplicate() -> None:
        try:
            with tenant_scope(acme):
                barrier.wait(10)
                outcomes.append(services.duplicate_bot(by=SYSTEM, bot=bot, name="Copy").slug)
        except TooManyBotsError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=duplicate) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["copy", "copy-2", "refused", "refused", "refused"]


def test_an_archived_bot_is_used_by_nobody_and_keeps_its_conversations(in_acme: Tenant, by_owner: Actor) -> None:
    bot = make(allowed_origins=["https://shop.example"])
    conversation = Conversation.objects.create(bot=bot, channel="api", actor_type="system")
    assert is_shown_on(bot.id, Origin("https://shop.example")) is True
    assert is_shown_on(bot.id, Origin("https://evil.example")) is False
    assert is_shown_on(bot.id, Origin("https://chat.example", is_own=True)) is True
    archived = services.archive_bot(by=by_owner, bot=bot)
    assert archived.archived_at is not None
    for ref in (str(bot.id), bot.slug):
        with pytest.raises(NoSuchBotError):
            bot_by_ref(ref)
    assert is_shown_on(bot.id, Origin("https://shop.example")) is None
    assert list(bots_usable()) == list(bots_found(by=SYSTEM)) == []
    assert list(bots_found(by=SYSTEM, archived=True)) == [bot]
    assert Conversation.objects.filter(pk=conversation.pk).exists()
    again = services.archive_bot(by=by_owner, bot=bot)
    assert again.archived_at == archived.archived_at
    assert AuditEvent.objects.filter(action="bot.archive").count() == 1


def test_an_archived_bot_comes_back_as_it_was_if_the_plan_has_room(in_acme: Tenant) -> None:
    bot = make(is_active=False)
    limit(in_acme, 1)
    services.archive_bot(by=SYSTEM, bot=bot)
    other = make("Second")
    with pytest.raises(TooManyBotsError):
        services.restore_bot(by=SYSTEM, bot=bot)
    services.restore_bot(by=SYSTEM, bot=other)
    services.archive_bot(by=SYSTEM, bot=other)
    restored = services.restore_bot(by=SYSTEM, bot=bot)
    assert (restored.archived_at, restored.is_active) == (None, False)
    assert AuditEvent.objects.filter(action="bot.restore").count() == 1


def test_the_copy_of_an_archived_bot_is_in_use(in_acme: Tenant) -> None:
    archived = services.archive_bot(by=SYSTEM, bot=make())
    assert services.duplicate_bot(by=SYSTEM, bot=archived) in bots_usable()
    assert bot_by_id(archived.pk).archived_at is not None


def test_who_is_limited_to_some_bots_makes_none_and_reaches_no_other(in_acme: Tenant) -> None:
    own, other = make("Own"), make("Other")
    limited = Actor(type="api_key", bot_ids=frozenset({own.id}))
    with pytest.raises(PermissionDeniedError):
        services.create_bot(by=limited, name="New")
    with pytest.raises(PermissionDeniedError):
        services.duplicate_bot(by=limited, bot=own)
    for change in (services.update_bot, services.delete_bot, services.archive_bot, services.restore_bot):
        with pytest.raises(NoSuchBotError):
            change(by=limited, bot=other)
    assert list(bots_found(by=limited)) == [own]
    assert services.archive_bot(by=limited, bot=own).archived_at is not None
