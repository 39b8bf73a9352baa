"""Tests of making, changing and deleting bots."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from bots import services
from bots.exceptions import BotReferenceGoneError, BotSettingsError, NoSuchBotError, TooManyBotsError
from bots.models import Bot, BotDataset
from bots.selectors import bot_by_id, bot_by_ref, bots_usable
from datasets.models import Dataset
from providers import services as provider_services
from providers.exceptions import ProviderInUseError
from providers.models import TenantAIProvider
from tenants import audit
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Plan, Tenant
from tenants.types import SYSTEM, Actor


def make(name: str = "Help desk", **settings: Any) -> Bot:
    return services.create_bot(by=SYSTEM, name=name, **settings)


def faults(**wrong: Any) -> dict[str, str]:
    with pytest.raises(BotSettingsError) as caught:
        make(**wrong)
    return {error["pointer"]: error["detail"] for error in caught.value.extra["errors"]}


def test_a_name_is_enough(in_acme: Tenant, by_owner: Actor) -> None:
    bot = services.create_bot(by=by_owner, name="  Help desk ")
    assert (bot.name, bot.slug, bot.model, bot.temperature) == ("Help desk", "help-desk", "local", 0.2)
    assert (bot.no_evidence, bot.is_active, bot.dataset_ids, bot.passages) == ("say_so", True, [], 8)
    assert (bot.tenant_ai_provider, bot.created_by) == (provider_services.default_provider(), by_owner.id)
    line = AuditEvent.objects.get(action="bot.create")
    assert (line.actor_id, line.target_id, line.tenant_id) == (by_owner.id, str(bot.id), in_acme.id)


def test_a_row_of_plain_sql_gets_every_default(in_acme: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bots (id, name, slug) VALUES (gen_random_uuid(), 'Plain', 'plain')")
    bot = bot_by_ref("plain")
    assert (bot.model, bot.temperature, bot.suggested_questions) == ("gpt-3.5-turbo", 0.2, [])
    assert (bot.no_evidence, bot.system_prompt, bot.passages) == ("say_so", "", 8)


@pytest.mark.parametrize("temperature", [-0.1, 2.1, float("nan"), float("inf")])
def test_the_database_refuses_a_temperature_outside_0_to_2(in_acme: Tenant, temperature: float) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Bot.objects.create(name="Hot", slug="hot", temperature=temperature)


@pytest.mark.parametrize("passages", [0, 21, -1])
def test_the_database_refuses_passages_outside_1_to_20(in_acme: Tenant, passages: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Bot.objects.create(name="Wide", slug="wide", passages=passages)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"name": "   "}, "/name"),
        ({"name": "n" * 256}, "/name"),
        ({"temperature": 2.01}, "/temperature"),
        ({"temperature": -0.01}, "/temperature"),
        ({"temperature": float("nan")}, "/temperature"),
        ({"max_tokens": 0}, "/max_tokens"),
        ({"passages": 0}, "/passages"),
        ({"passages": 21}, "/passages"),
        ({"model": ""}, "/model"),
        ({"model": "m" * 201}, "/model"),
        ({"system_prompt": "p" * 32_001}, "/system_prompt"),
        ({"no_evidence": "guess"}, "/no_evidence"),
        ({"suggested_questions": ["q"] * 9}, "/suggested_questions"),
        ({"suggested_questions": ["q" * 201]}, "/suggested_questions"),
        ({"suggested_questions": [""]}, "/suggested_questions"),
        ({"suggested_questions": [1]}, "/suggested_questions"),
        ({"tenant_ai_provider_id": uuid.uuid4()}, "/provider_id"),
        ({"dataset_ids": [uuid.uuid4()]}, "/dataset_ids/0"),
        ({"dataset_ids": [uuid.uuid4() for _ in range(101)]}, "/dataset_ids"),
    ],
)
def test_what_is_not_acceptable_is_refused_with_a_pointer(in_acme: Tenant, wrong: dict[str, Any], pointer: str) -> None:
    assert pointer in faults(**wrong)
    assert not Bot.objects.exists()


def test_the_limits_themselves_are_acceptable(in_acme: Tenant) -> None:
    provider = provider_services.create_provider(by=SYSTEM, name="Mine", provider_type="openai")
    make(
        "n" * 255,
        tenant_ai_provider_id=provider.pk,
        temperature=2,
        max_tokens=1,
        system_prompt="p" * 32_000,
        suggested_questions=["q" * 200] * 8,
        model="m" * 200,
    )
    assert make("n", temperature=0).temperature == 0


def test_all_faults_are_told_at_once(in_acme: Tenant) -> None:
    assert set(faults(temperature=9, no_evidence="guess", tenant_ai_provider_id=uuid.uuid4())) == {
        "/temperature",
        "/no_evidence",
        "/provider_id",
    }


def test_providers_and_datasets_of_another_tenant_do_not_exist(acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(globex):
        dataset_id = Dataset.objects.create(name="Theirs").id
        provider_id = TenantAIProvider.objects.get().id
    with tenant_scope(acme):
        own = Dataset.objects.create(name="Ours").id
        assert set(faults(dataset_ids=[own, dataset_id])) == {"/dataset_ids/1"}
        assert set(faults(tenant_ai_provider_id=provider_id)) == {"/provider_id"}
        bot = make()
        with pytest.raises(BotSettingsError):
            services.update_bot(by=SYSTEM, bot=bot, dataset_ids=[dataset_id])
        with pytest.raises(BotSettingsError):
            services.update_bot(by=SYSTEM, bot=bot, tenant_ai_provider_id=provider_id)
        again = bot_by_id(bot.id)
        assert (again.dataset_ids, again.tenant_ai_provider_id) == ([], bot.tenant_ai_provider_id)


def test_slugs_come_from_names_and_never_collide(in_acme: Tenant) -> None:
    names = ["Help desk", "Help  Desk!", "Help-desk 2", "help desk", "Помощь", "助手", "Crème brûlée", "x" * 255]
    slugs = [make(name).slug for name in names]
    assert slugs == [
        "help-desk", "help-desk-2", "help-desk-2-2", "help-desk-3", "bot", "bot-2", "creme-brulee", "x" * 70,
    ]  # fmt: skip


def test_a_bot_named_like_an_id_is_found_by_slug_and_by_id(in_acme: Tenant) -> None:
    looks_like_id = str(uuid.uuid4())
    bot = make(looks_like_id)
    assert bot.slug == f"bot-{looks_like_id}"
    assert bot_by_ref(bot.slug) == bot_by_ref(str(bot.id)) == bot


def test_the_slug_stays_when_the_name_changes(in_acme: Tenant) -> None:
    bot = make()
    changed = services.update_bot(by=SYSTEM, bot=bot, name="Front desk")
    assert (changed.name, changed.slug) == ("Front desk", "help-desk")


def test_what_is_not_sent_stays(in_acme: Tenant, by_owner: Actor) -> None:
    dataset = Dataset.objects.create(name="Manuals")
    bot = make(description="Old", temperature=0.1, dataset_ids=[dataset.id])
    changed = services.update_bot(by=by_owner, bot=bot, description="New")
    assert (changed.description, changed.temperature, changed.dataset_ids) == ("New", 0.1, [dataset.id])
    assert AuditEvent.objects.get(action="bot.update").detail == {
        "changed": ["description"],
        "version": 2,
        "changes": {"description": ["Old", "New"]},
    }


def test_datasets_are_exchanged_added_and_taken_away(in_acme: Tenant) -> None:
    first, second = (Dataset.objects.create(name=name).id for name in ("A", "B"))
    bot = make(dataset_ids=[first, first])
    assert bot.dataset_ids == [first]
    assert services.update_bot(by=SYSTEM, bot=bot, dataset_ids=[second, first]).dataset_ids.count(first) == 1
    assert services.update_bot(by=SYSTEM, bot=bot, dataset_ids=[second]).dataset_ids == [second]
    assert services.update_bot(by=SYSTEM, bot=bot, dataset_ids=[]).dataset_ids == []


def test_a_deleted_dataset_leaves_the_bot_that_read_it(in_acme: Tenant) -> None:
    dataset = Dataset.objects.create(name="Manuals")
    bot = make(dataset_ids=[dataset.id])
    dataset.delete()
    assert bot_by_id(bot.id).dataset_ids == []


def test_a_bot_is_really_deleted_and_its_datasets_stay(in_acme: Tenant, by_owner: Actor) -> None:
    dataset = Dataset.objects.create(name="Manuals")
    bot = make(dataset_ids=[dataset.id])
    services.delete_bot(by=by_owner, bot=bot)
    assert not Bot.objects.filter(pk=bot.pk).exists()
    assert not BotDataset.objects.filter(bot_id=bot.pk).exists()
    assert Dataset.objects.filter(pk=dataset.pk).exists()
    assert AuditEvent.objects.get(action="bot.delete").target_label == "Help desk"
    for act in (services.delete_bot, services.update_bot):
        with pytest.raises(NoSuchBotError):
            act(by=by_owner, bot=bot)


def test_a_bot_is_found_with_all_it_needs_by_one_query(
    in_acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    datasets = [Dataset.objects.create(name=name).id for name in ("A", "B")]
    provider = TenantAIProvider.objects.get()
    make(dataset_ids=datasets, tenant_ai_provider_id=provider.id)
    with django_assert_num_queries(1):
        bot = bot_by_ref("Help-Desk")
        assert sorted(bot.dataset_ids) == sorted(datasets)
        assert bot.tenant_ai_provider == provider


@pytest.mark.parametrize(
    "ref", ["nobody", "", "00000000-0000-0000-0000-000000000000", "a/b", "é", "\x00", "\ud800", "x" * 9000]
)
def test_a_bot_that_is_not_there_is_not_found(in_acme: Tenant, ref: str) -> None:
    with pytest.raises(NoSuchBotError):
        bot_by_ref(ref)


def test_a_bot_that_is_switched_off_may_be_changed_but_not_talked_to(in_acme: Tenant) -> None:
    bot = make(is_active=False)
    with pytest.raises(NoSuchBotError):
        bot_by_ref(bot.slug)
    assert list(bots_usable()) == []
    assert services.update_bot(by=SYSTEM, bot=bot, is_active=True) in bots_usable()


def test_a_bot_of_one_tenant_does_not_exist_in_another(acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(acme):
        bot = make()
    with tenant_scope(globex):
        for ref in (str(bot.id), bot.slug):
            with pytest.raises(NoSuchBotError):
                bot_by_ref(ref)
        assert make().slug == "help-desk"


def test_a_provider_that_a_bot_uses_is_not_deleted(in_acme: Tenant) -> None:
    provider = provider_services.create_provider(by=SYSTEM, name="Mine", provider_type="openai")
    bot = make(tenant_ai_provider_id=provider.id)
    with pytest.raises(ProviderInUseError, match="bot “Help desk”") as caught:
        provider_services.delete_provider(by=SYSTEM, provider=provider)
    assert caught.value.extra["usages"] == [{"type": "bot", "id": str(bot.id), "name": "Help desk"}]
    services.update_bot(by=SYSTEM, bot=bot, tenant_ai_provider_id=None)
    provider_services.delete_provider(by=SYSTEM, provider=provider)
    assert not TenantAIProvider.objects.filter(pk=provider.pk).exists()


def test_a_provider_that_is_a_fallback_is_not_deleted(in_acme: Tenant) -> None:
    provider = provider_services.create_provider(by=SYSTEM, name="Mine", provider_type="openai")
    bot = make(fallbacks=[{"model": "local"}, {"model": "b", "provider_id": provider.id}])
    with pytest.raises(ProviderInUseError, match="bot “Help desk”"):
        provider_services.delete_provider(by=SYSTEM, provider=provider)
    services.update_bot(by=SYSTEM, bot=bot, fallbacks=[])
    provider_services.delete_provider(by=SYSTEM, provider=provider)


def test_fallbacks_and_origins_are_refused_with_pointers(in_acme: Tenant) -> None:
    assert set(faults(fallbacks=[{"model": " "}, {"model": "m" * 201}])) == {"/fallbacks/0/model", "/fallbacks/1/model"}
    assert set(faults(fallbacks=[{"model": "m"}] * 4)) == {"/fallbacks"}
    assert set(faults(allowed_origins=["https://a.example", "http://a.example"])) == {"/allowed_origins/1"}
    assert set(faults(allowed_origins=["https://a.example"] * 51)) == {"/allowed_origins"}


def test_a_provider_that_made_a_datasets_vectors_is_not_deleted(in_acme: Tenant) -> None:
    provider = provider_services.create_provider(by=SYSTEM, name="Mine", provider_type="openai")
    Dataset.objects.create(name="Manuals", embedding_provider_id=provider.id)
    make(tenant_ai_provider_id=provider.id)
    with pytest.raises(ProviderInUseError) as caught:
        provider_services.delete_provider(by=SYSTEM, provider=provider)
    assert {usage["name"] for usage in caught.value.extra["usages"]} == {"Manuals", "Help desk"}


def test_a_plan_bounds_the_number_of_bots(in_acme: Tenant) -> None:
    in_acme.plan = Plan.objects.create(code="small", name="Small", max_bots=1)
    in_acme.save()
    first = make()
    with pytest.raises(TooManyBotsError) as caught:
        make("Second")
    assert caught.value.extra["limit"] == 1
    services.delete_bot(by=SYSTEM, bot=first)
    make("Second")


@pytest.mark.django_db(transaction=True)
def test_bots_made_at_once_neither_share_a_slug_nor_the_last_place(acme: Tenant) -> None:
    acme.plan = Plan.objects.create(code="three", name="Three", max_bots=3)
    acme.save()
    outcomes: list[str] = []
    barrier = threading.Barrier(5)

    def create() -> None:
        try:
            with tenant_scope(acme):
                barrier.wait(10)
                outcomes.append(make().slug)
        except TooManyBotsError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["help-desk", "help-desk-2", "help-desk-3", "refused", "refused"]


@pytest.mark.django_db(transaction=True)
def test_a_dataset_deleted_while_a_bot_is_made_is_explained(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_scope(acme):
        dataset = Dataset.objects.create(name="Manuals")

    def delete() -> None:
        with tenant_scope(acme):
            dataset.delete()
        connection.close()

    def delete_before_commit(*args: Any, **kwargs: Any) -> None:
        thread = threading.Thread(target=delete)
        thread.start()
        thread.join()

    monkeypatch.setattr(audit, "record", delete_before_commit)
    with tenant_scope(acme):
        with pytest.raises(BotReferenceGoneError):
            make(dataset_ids=[dataset.id])
        assert not Bot.objects.exists()
