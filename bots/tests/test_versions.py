"""Tests of drafts and versions of bots."""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from bots import history, services
from bots.exceptions import (
    BotSettingsError,
    NoSuchBotError,
    NoSuchVersionError,
    NoteTooLongError,
    NothingToPublishError,
)
from bots.models import Bot, BotDraft, BotVersion
from bots.selectors import bot_by_id, bot_by_ref
from bots.services import versioning
from bots.versioned import NAMES, settings_of, typed
from datasets.models import Dataset
from providers import services as provider_services
from providers.enums import ProviderType
from providers.exceptions import ProviderInUseError
from providers.models import TenantAIProvider
from tenants.models import AuditEvent, Tenant
from tenants.types import SYSTEM, Actor


def make(name: str = "Help desk", **settings: Any) -> Bot:
    return services.create_bot(by=SYSTEM, name=name, **settings)


def numbers(bot: Bot) -> list[int]:
    return list(history.versions_of(bot).values_list("number", flat=True))


def another_provider() -> TenantAIProvider:
    return TenantAIProvider.objects.create(name="Second", provider_type=ProviderType.OPENAI)


@pytest.fixture(autouse=True)
def vendor(in_acme: Tenant) -> TenantAIProvider:
    """The default provider: one whose models nobody can list, so that any name will do."""
    return provider_services.create_provider(by=SYSTEM, name="OpenAI", provider_type="openai", is_default=True)


# --- what is published -----------------------------------------------------------------------------------


def test_a_new_bot_is_published_as_version_1(in_acme: Tenant, by_owner: Actor) -> None:
    bot = services.create_bot(by=by_owner, name="Help desk", system_prompt="Be brief.")
    (version,) = history.versions_of(bot)
    assert (bot.version, version.number, version.published_by) == (1, 1, by_owner.id)
    assert version.published_by_label == by_owner.label
    assert set(version.settings) == set(NAMES)
    assert version.settings == settings_of(bot_by_id(bot.pk))


def test_a_change_of_the_bot_is_published_at_once_as_the_next_version(in_acme: Tenant) -> None:
    bot = services.update_bot(by=SYSTEM, bot=make(), temperature=0.1)
    assert (bot.version, numbers(bot), bot_by_ref("help-desk").temperature) == (2, [2, 1], 0.1)
    assert history.version_of(bot, 1).settings["temperature"] == 0.2
    assert history.version_of(bot, 2).settings["temperature"] == 0.1


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.2},
        {"allowed_origins": ["https://shop.example"]},
        {"require_identity": True},
        {"is_active": False},
        {"dataset_ids": []},
    ],
)
def test_what_holds_in_all_versions_and_what_changes_nothing_makes_none(
    in_acme: Tenant, change: dict[str, Any]
) -> None:
    assert numbers(services.update_bot(by=SYSTEM, bot=make(), **change)) == [1]


def test_a_copy_begins_with_version_1_of_what_is_published(in_acme: Tenant) -> None:
    bot = services.update_bot(by=SYSTEM, bot=make(), temperature=0.1)
    services.edit_draft(by=SYSTEM, bot=bot, temperature=0.9)
    copy = services.duplicate_bot(by=SYSTEM, bot=bot)
    assert (copy.version, numbers(copy), copy.temperature, copy.has_draft) == (1, [1], 0.1, False)


def test_a_bot_without_versions_keeps_what_it_was_when_it_first_changes(in_acme: Tenant) -> None:
    bot = Bot.objects.create(name="Old", slug="old", temperature=0.3)
    bot = services.update_bot(by=SYSTEM, bot=bot, temperature=0.4)
    assert [(one.number, one.settings["temperature"]) for one in history.versions_of(bot)] == [(2, 0.4), (1, 0.3)]
    assert history.version_of(bot, 1).published_by is None


def test_only_the_newest_versions_are_kept(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versioning, "KEPT", 3)
    bot = make()
    for number in range(4):
        bot = services.update_bot(by=SYSTEM, bot=bot, temperature=number / 10)
    assert (bot.version, numbers(bot)) == (5, [5, 4, 3])


def test_a_deleted_bot_takes_its_versions_along(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    services.delete_bot(by=SYSTEM, bot=bot)
    assert not BotVersion.objects.exists() and not BotDraft.objects.exists()


# --- drafts ----------------------------------------------------------------------------------------------


def test_a_draft_changes_nothing_for_visitors(in_acme: Tenant, by_owner: Actor) -> None:
    bot = services.edit_draft(by=by_owner, bot=make(system_prompt="Old."), system_prompt="New.", look={"title": "T"})
    seen = bot_by_ref("help-desk")
    assert (seen.system_prompt, seen.look, bot.version, bot.has_draft) == ("Old.", {}, 1, True)
    draft = history.draft_of(bot)
    assert draft.changed == ("system_prompt", "look")
    assert (draft.settings["system_prompt"], draft.settings["look"]["title"]) == ("New.", "T")
    assert (draft.edited_by, draft.edited_by_label) == (by_owner.id, by_owner.label)


def test_a_draft_grows_by_each_change(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    bot = services.edit_draft(by=SYSTEM, bot=bot, model="m")
    assert history.draft_of(bot).changed == ("model", "temperature")


def test_changes_that_are_taken_back_leave_no_draft(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    bot = services.edit_draft(by=SYSTEM, bot=bot, temperature=0.2)
    assert not bot.has_draft and not BotDraft.objects.exists()


def test_a_draft_is_checked_as_a_bot_is(in_acme: Tenant) -> None:
    bot = make()
    with pytest.raises(BotSettingsError) as caught:
        services.edit_draft(
            by=SYSTEM,
            bot=bot,
            name=" ",
            temperature=3,
            tenant_ai_provider_id=uuid.uuid4(),
            look={"accent": "red"},
        )
    pointers = {error["pointer"] for error in caught.value.extra["errors"]}
    assert pointers == {"/name", "/temperature", "/provider_id", "/look/accent"}
    with pytest.raises(BotSettingsError):
        services.edit_draft(by=SYSTEM, bot=bot, dataset_ids=[uuid.uuid4()])
    assert not BotDraft.objects.exists()


def test_who_has_seen_the_bot_before_its_draft_changed_has_not_seen_it_now(in_acme: Tenant) -> None:
    bot = make()
    edited = services.edit_draft(by=SYSTEM, bot=bot, temperature=0.1)
    assert edited.updated_at > bot.updated_at
    assert services.discard_draft(by=SYSTEM, bot=edited).updated_at > edited.updated_at


def test_a_discarded_draft_is_gone(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    bot = services.discard_draft(by=SYSTEM, bot=bot)
    assert (bot.has_draft, history.draft_of(bot).changed) == (False, ())
    services.discard_draft(by=SYSTEM, bot=bot)
    assert AuditEvent.objects.filter(action="bot.discard_draft").count() == 1


def test_a_provider_that_a_draft_names_cannot_be_deleted(in_acme: Tenant) -> None:
    fallback = TenantAIProvider.objects.create(name="Third", provider_type=ProviderType.OPENAI)
    own = another_provider()
    services.edit_draft(by=SYSTEM, bot=make(), tenant_ai_provider_id=own.pk)
    with pytest.raises(ProviderInUseError):
        provider_services.delete_provider(by=SYSTEM, provider=own)
    services.edit_draft(by=SYSTEM, bot=bot_by_ref("help-desk"), fallbacks=[{"model": "m", "provider_id": fallback.pk}])
    bot = services.edit_draft(
        by=SYSTEM,
        bot=bot_by_ref("help-desk"),
        tenant_ai_provider_id=None,
        fallbacks=[{"model": "m", "provider_id": own.pk}],
    )
    with pytest.raises(ProviderInUseError):
        provider_services.delete_provider(by=SYSTEM, provider=own)
    services.discard_draft(by=SYSTEM, bot=bot)
    provider_services.delete_provider(by=SYSTEM, provider=own)


def test_a_dataset_that_is_deleted_leaves_the_draft(in_acme: Tenant) -> None:
    kept, doomed = Dataset.objects.create(name="A"), Dataset.objects.create(name="B")
    bot = services.edit_draft(by=SYSTEM, bot=make(), dataset_ids=[kept.pk, doomed.pk])
    doomed.delete()
    assert history.draft_of(bot).settings["dataset_ids"] == [str(kept.pk)]
    bot = services.edit_draft(by=SYSTEM, bot=bot, temperature=0.1)
    assert services.publish_bot(by=SYSTEM, bot=bot).dataset_ids == [kept.pk]


def test_a_change_of_the_bot_leaves_the_drafts_own_changes_waiting(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1, model="drafted")
    bot = services.update_bot(by=SYSTEM, bot=bot, welcome_message="Hi.", model="direct", temperature=0.1)
    draft = history.draft_of(bot)
    assert draft.changed == ("model",)
    assert (draft.settings["model"], draft.settings["welcome_message"]) == ("drafted", "Hi.")
    assert bot_by_ref("help-desk").model == "direct"


def test_a_change_that_makes_the_draft_the_same_ends_it(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    assert services.update_bot(by=SYSTEM, bot=bot, temperature=0.1).has_draft is False


# --- publishing ------------------------------------------------------------------------------------------


def test_publishing_makes_the_draft_what_visitors_get(in_acme: Tenant, by_owner: Actor) -> None:
    dataset = Dataset.objects.create(name="A")
    provider = another_provider()
    bot = make()
    changes: dict[str, Any] = {
        "name": "Help",
        "description": "d",
        "tenant_ai_provider_id": provider.pk,
        "system_prompt": "p",
        "model": "m",
        "temperature": 0.1,
        "passages": 3,
        "max_tokens": 9,
        "dataset_ids": [dataset.pk],
        "fallbacks": [{"provider_id": str(provider.pk), "model": "f"}],
        "welcome_message": "w",
        "suggested_questions": ["q"],
        "no_evidence": "handoff",
        "no_evidence_message": "n",
        "look": {**history.draft_of(bot).settings["look"], "title": "T"},
    }
    assert set(changes) == set(NAMES), "every setting that comes in versions is tried here"
    services.edit_draft(by=SYSTEM, bot=bot, **changes)
    bot = services.publish_bot(by=by_owner, bot=bot, note="  All  new\n")
    seen = bot_by_ref("help-desk")
    assert {name: getattr(seen, name) for name in changes} == changes
    assert (bot.version, bot.has_draft) == (2, False)
    version = history.version_of(bot, 2)
    assert (version.note, version.published_by) == ("All new", by_owner.id)
    assert typed(version.settings) | {"fallbacks": changes["fallbacks"]} == changes
    line = AuditEvent.objects.get(action="bot.publish")
    assert (line.actor_id, line.detail["version"]) == (by_owner.id, 2)
    assert line.detail["changes"]["name"][1] == changes["name"]


def test_there_must_be_something_to_publish(in_acme: Tenant) -> None:
    with pytest.raises(NothingToPublishError):
        services.publish_bot(by=SYSTEM, bot=make())


def test_a_note_has_an_end(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    with pytest.raises(NoteTooLongError):
        services.publish_bot(by=SYSTEM, bot=bot, note="n" * 201)
    assert services.publish_bot(by=SYSTEM, bot=bot, note="n" * 200).version == 2


def test_nobody_publishes_a_bot_that_is_not_theirs(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    limited = Actor(type="api_key", bot_ids=frozenset({uuid.uuid4()}))
    for use in (services.publish_bot, services.discard_draft, services.edit_draft):
        with pytest.raises(NoSuchBotError):
            use(by=limited, bot=bot)
    with pytest.raises(NoSuchBotError):
        services.restore_version(by=limited, bot=bot, number=1)


def test_who_is_limited_to_some_datasets_publishes_no_others(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), dataset_ids=[Dataset.objects.create(name="A").pk])
    limited = Actor(type="api_key", dataset_ids=frozenset())
    with pytest.raises(BotSettingsError):
        services.publish_bot(by=limited, bot=bot)
    assert bot_by_ref("help-desk").dataset_ids == []


# --- going back ------------------------------------------------------------------------------------------


def test_an_earlier_version_comes_back_into_the_draft_and_then_to_visitors(in_acme: Tenant) -> None:
    bot = services.update_bot(by=SYSTEM, bot=make(system_prompt="First."), system_prompt="Second.", model="m")
    bot = services.edit_draft(by=SYSTEM, bot=bot, temperature=0.1)
    bot, gone = services.restore_version(by=SYSTEM, bot=bot, number=1)
    assert (gone, history.draft_of(bot).changed) == ([], ("system_prompt", "model"))
    assert bot_by_ref("help-desk").system_prompt == "Second."
    bot = services.publish_bot(by=SYSTEM, bot=bot)
    assert (bot.version, bot.system_prompt) == (3, "First.")
    assert history.version_of(bot, 3).settings == history.version_of(bot, 1).settings


def test_the_present_version_restored_is_no_draft(in_acme: Tenant) -> None:
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    bot, _ = services.restore_version(by=SYSTEM, bot=bot, number=1)
    assert not bot.has_draft


def test_what_is_gone_is_left_out_and_named(in_acme: Tenant, vendor: TenantAIProvider) -> None:
    kept, doomed = Dataset.objects.create(name="A"), Dataset.objects.create(name="B")
    provider = another_provider()
    fallbacks: list[Any] = [{"model": "gone", "provider_id": provider.pk}, {"model": "kept", "provider_id": None}]
    bot = make(dataset_ids=[kept.pk, doomed.pk], tenant_ai_provider_id=provider.pk, fallbacks=fallbacks)
    bot = services.update_bot(by=SYSTEM, bot=bot, dataset_ids=[], tenant_ai_provider_id=None, fallbacks=[])
    doomed.delete()
    provider_services.delete_provider(by=SYSTEM, provider=provider)
    bot, gone = services.restore_version(by=SYSTEM, bot=bot, number=1)
    index = sorted([str(kept.pk), str(doomed.pk)]).index(str(doomed.pk))
    assert gone == [f"/dataset_ids/{index}", "/provider_id", "/fallbacks/0"]
    settings = history.draft_of(bot).settings
    assert (settings["dataset_ids"], settings["tenant_ai_provider_id"]) == ([str(kept.pk)], None)
    assert settings["fallbacks"] == [{"model": "kept", "provider_id": str(vendor.pk)}]


def test_there_is_no_version_of_another_number(in_acme: Tenant) -> None:
    bot = make()
    for number in (0, 2, 10**12):
        with pytest.raises(NoSuchVersionError):
            services.restore_version(by=SYSTEM, bot=bot, number=number)


# --- trying ----------------------------------------------------------------------------------------------


def test_a_preview_is_the_draft_with_further_changes_and_saves_nothing(in_acme: Tenant) -> None:
    dataset = Dataset.objects.create(name="A")
    bot = services.edit_draft(by=SYSTEM, bot=make(), temperature=0.1)
    before = bot_by_id(bot.pk).updated_at
    tried = services.previewed(by=SYSTEM, bot=bot, system_prompt="Try.", dataset_ids=[dataset.pk])
    assert (tried.pk, tried.temperature, tried.system_prompt) == (bot.pk, 0.1, "Try.")
    assert tried.dataset_ids == [dataset.pk]
    now = bot_by_id(bot.pk)
    assert (now.temperature, now.system_prompt, now.dataset_ids, now.updated_at) == (0.2, "", [], before)
    assert history.draft_of(now).changed == ("temperature",)


def test_a_preview_is_checked_and_cannot_be_saved_by_mistake(in_acme: Tenant) -> None:
    bot = make()
    with pytest.raises(BotSettingsError):
        services.previewed(by=SYSTEM, bot=bot, temperature=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.previewed(by=SYSTEM, bot=bot, temperature=1).save()


# --- comparing -------------------------------------------------------------------------------------------


def test_what_was_kept_before_is_given_eight_passages_again(in_acme: Tenant) -> None:
    bot = services.update_bot(by=SYSTEM, bot=make(), description="Second.")
    older = history.version_of(bot, 1).settings
    BotVersion.objects.filter(bot=bot, number=1).update(
        settings={name: value for name, value in older.items() if name != "passages"}
    )
    with connection.cursor() as cursor:
        cursor.execute(import_module("bots.migrations.0008_passages").KEPT_VERSIONS)
    bot = services.update_bot(by=SYSTEM, bot=bot, passages=3)

    assert history.version_of(bot, 1).settings == older
    restored, _gone = services.restore_version(by=SYSTEM, bot=bot, number=1)
    assert history.draft_of(restored).settings["passages"] == 8


def test_any_two_states_can_be_compared(in_acme: Tenant) -> None:
    bot = services.update_bot(by=SYSTEM, bot=make(), temperature=0.4, passages=3)
    bot = services.edit_draft(by=SYSTEM, bot=bot, temperature=0.3)

    def told(before: str, after: str) -> list[tuple[Any, Any]]:
        return [(one.before, one.after) for one in history.difference(bot, before=before, after=after)]

    assert told("published", "draft") == [(0.4, 0.3)]
    assert told("1", "draft") == [(0.2, 0.3), (8, 3)]
    assert told("2", "1") == [(0.4, 0.2), (3, 8)]
    assert told("2", "published") == []
    for wrong in ("3", "latest", "٣", "9" * 30):
        with pytest.raises(NoSuchVersionError):
            told(wrong, "draft")
