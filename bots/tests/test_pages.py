"""The pages about bots: who may do what there, what is kept when something fails, what each list costs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from bots import history, services
from bots.models import Bot, BotSighting, BotVersion, CuratedAnswer, CuratedQuestion
from bots.selectors import bot_by_id
from bots.versioned import settings_of
from chat.models import Conversation
from datasets.models import Dataset
from providers.enums import ProviderType
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import ApiKey, AuditEvent, Membership, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

LIST = "/t/acme/bots/"


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


def member(acme: Tenant, role: Role) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(factories.make_member(acme, f"{role}@acme.example", role=role).user)
    return signed_in


@pytest.fixture
def viewer(acme: Tenant) -> Client:
    return member(acme, Role.VIEWER)


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    """What `work` gives in acme's schema: a request has left the test's own scope behind."""
    with tenant_scope(acme):
        return work()


@pytest.fixture
def bot(acme: Tenant) -> Bot:
    with tenant_scope(acme):
        dataset = Dataset.objects.create(name="Manuals")
        provider = TenantAIProvider.objects.create(name="OpenAI", provider_type=ProviderType.OPENAI)
        return services.create_bot(
            by=SYSTEM,
            name="Help desk",
            tenant_ai_provider_id=provider.pk,
            model="gpt-4o-mini",
            system_prompt="Be brief.\nBe kind.",
            dataset_ids=[dataset.pk],
            suggested_questions=["Why?"],
        )


@pytest.fixture
def path(bot: Bot) -> str:
    return f"{LIST}{bot.pk}/"


def now(acme: Tenant, bot: Bot) -> Bot:
    found: Bot = inside(acme, lambda: bot_by_id(bot.pk))
    return found


def filled(acme: Tenant, bot: Bot, **changes: Any) -> dict[str, Any]:
    """What the browser sends from the settings form, with changes."""
    settings = inside(acme, lambda: history.draft_of(bot).settings)
    same = ("name", "description", "system_prompt", "no_evidence", "no_evidence_message", "model", "temperature")
    values = {name: settings[name] for name in (*same, "passages", "welcome_message")}
    values |= {"datasets": settings["dataset_ids"], "provider": settings["tenant_ai_provider_id"] or ""}
    values |= {"suggested_questions": "\r\n".join(settings["suggested_questions"]), "max_tokens": ""}
    return {**values, **changes}


# --- the list --------------------------------------------------------------------------------------------


def test_without_a_bot_the_list_says_what_one_is_and_leads_to_a_new_one(client: Client, acme: Tenant) -> None:
    page = client.get(LIST)
    assert b"No bots yet" in page.content
    assert b'href="/t/acme/bots/new/"' in page.content


def test_the_list_is_searched_and_filtered(client: Client, acme: Tenant, bot: Bot) -> None:
    with tenant_scope(acme):
        services.create_bot(by=SYSTEM, name="Asleep", is_active=False)
        services.archive_bot(by=SYSTEM, bot=services.create_bot(by=SYSTEM, name="Gone away"))

    def names(query: str) -> set[str]:
        text = client.get(f"{LIST}?{query}").content.decode()
        return {name for name in ("Help desk", "Asleep", "Gone away") if name in text}

    assert names("") == {"Help desk", "Asleep"}
    assert names("state=on") == {"Help desk"}
    assert names("state=off") == {"Asleep"}
    assert names("state=archived") == {"Gone away"}
    assert names("search=desk") == {"Help desk"}
    assert b"Nothing found" in client.get(f"{LIST}?search=zebra").content


@pytest.mark.parametrize("to", ["", "answers/", "versions/"])
def test_lists_take_as_many_queries_for_300_rows_as_for_one(
    client: Client, acme: Tenant, bot: Bot, path: str, to: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{path}{to}" if to else LIST).status_code == 200
        return len(queries)

    with tenant_scope(acme):
        answer = CuratedAnswer.objects.create(bot=bot, answer="At nine.")
        CuratedQuestion.objects.create(curated_answer=answer, seq=1, text="When?", normalized="when")
    client.get(LIST)
    few = cost()
    with tenant_scope(acme):
        Bot.objects.bulk_create(Bot(name=f"Bot {n}", slug=f"bot-{n}") for n in range(300))
        answers = CuratedAnswer.objects.bulk_create(CuratedAnswer(bot=bot, answer="At nine.") for _ in range(300))
        CuratedQuestion.objects.bulk_create(
            CuratedQuestion(curated_answer=one, seq=1, text="When?", normalized="when") for one in answers
        )
        settings = settings_of(bot)
        BotVersion.objects.bulk_create(BotVersion(bot=bot, number=n, settings=settings) for n in range(2, 302))
    assert cost() == few
    assert few <= 15


# --- a new bot -------------------------------------------------------------------------------------------


def test_a_bot_is_made_from_a_template_and_leads_to_its_settings(client: Client, acme: Tenant) -> None:
    dataset = inside(acme, lambda: Dataset.objects.create(name="Manuals"))
    page = client.get(f"{LIST}new/").content.decode()
    assert "Support from documents" in page and "Manuals" in page
    answer = client.post(f"{LIST}new/", {"name": "Desk", "template": "support", "datasets": [str(dataset.pk)]})
    bot = inside(acme, Bot.objects.get)
    assert answer.headers["Location"] == f"{LIST}{bot.pk}/"
    assert bot.system_prompt.startswith("You help customers")
    assert (bot.no_evidence, bot.version) == ("handoff", 1)
    assert bot.model == "local"  # what answers until a provider is connected
    assert inside(acme, lambda: bot.dataset_ids) == [dataset.pk]


def test_a_bot_without_a_name_is_not_made_and_nothing_chosen_is_lost(client: Client, acme: Tenant) -> None:
    answer = client.post(f"{LIST}new/", {"name": " ", "template": "adviser"})
    assert answer.status_code == 422
    assert b'value="adviser" required checked' in answer.content
    assert not inside(acme, Bot.objects.exists)


def test_what_the_plan_forbids_is_said_above_the_form(client: Client, acme: Tenant, bot: Bot) -> None:
    acme.plan = Plan.objects.create(code="one", name="One", max_bots=1)
    acme.save()
    answer = client.post(f"{LIST}new/", {"name": "Second", "template": "blank"})
    assert answer.status_code == 422
    assert b"The plan allows no more bots" in answer.content
    assert b'value="Second"' in answer.content


# --- settings --------------------------------------------------------------------------------------------


def test_the_settings_are_shown_as_the_draft_has_them(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.edit_draft(by=SYSTEM, bot=bot, name="Drafted", model="drafted-model"))
    page = client.get(path).content.decode()
    assert 'value="Drafted"' in page and 'value="drafted-model"' in page
    assert "There are changes that are not published" in page
    assert "Publish version 2" in page


def test_saving_makes_a_draft_and_visitors_keep_what_they_have(
    client: Client, acme: Tenant, bot: Bot, path: str
) -> None:
    answer = client.post(path, filled(acme, bot, system_prompt="Be exact.", suggested_questions="How?\n\n When? "))
    assert answer.headers["Location"] == path
    assert now(acme, bot).system_prompt == "Be brief.\nBe kind."
    draft = inside(acme, lambda: history.draft_of(now(acme, bot)))
    assert draft.settings["system_prompt"] == "Be exact."
    assert draft.settings["suggested_questions"] == ["How?", "When?"]
    assert draft.changed == ("system_prompt", "suggested_questions")


def test_a_form_that_is_sent_as_it_came_changes_nothing(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    client.post(path, filled(acme, bot))
    assert not now(acme, bot).has_draft


def test_publishing_from_the_settings_is_one_step(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    client.post(path, filled(acme, bot, temperature="0.1", publish="1"))
    published = now(acme, bot)
    assert (published.temperature, published.version, published.has_draft) == (0.1, 2, False)
    again = client.post(path, filled(acme, published, publish="1"), follow=True)
    assert b"Nothing differs from what visitors get already." in again.content


def test_every_setting_of_the_form_arrives(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    with tenant_scope(acme):
        provider = TenantAIProvider.objects.create(name="Second", provider_type=ProviderType.OPENAI)
    sent = {
        "name": "Desk",
        "description": "About.",
        "system_prompt": "Prompt.",
        "datasets": [],
        "no_evidence": "ask_back",
        "no_evidence_message": "What?",
        "passages": "3",
        "provider": str(provider.pk),
        "model": "m",
        "temperature": "1.5",
        "max_tokens": "77",
        "fallback_1_provider": "",
        "fallback_1_model": "local",
        "fallback_2_provider": str(provider.pk),
        "fallback_2_model": "f2",
        "welcome_message": "Hello.",
        "suggested_questions": "One\nTwo",
    }
    client.post(path, {**sent, "publish": "1"})
    bot = now(acme, bot)
    assert (bot.name, bot.description, bot.system_prompt, bot.dataset_ids) == ("Desk", "About.", "Prompt.", [])
    assert (bot.no_evidence, bot.no_evidence_message, bot.passages) == ("ask_back", "What?", 3)
    assert (bot.tenant_ai_provider_id, bot.model, bot.temperature, bot.max_tokens) == (provider.pk, "m", 1.5, 77)
    assert bot.fallbacks == [
        {"provider_id": None, "model": "local"},
        {"provider_id": str(provider.pk), "model": "f2"},
    ]
    assert (bot.welcome_message, bot.suggested_questions) == ("Hello.", ["One", "Two"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"temperature": "3"}, "less than or equal to 2"),
        ({"passages": "21"}, "less than or equal to 20"),
        ({"passages": "0"}, "greater than or equal to 1"),
        ({"passages": ""}, "This field is required."),
        ({"datasets": [str(uuid.uuid4())]}, "is not one of the available choices"),
        ({"suggested_questions": "\n".join("abcdefghi")}, "Write at most 8 lines."),
        ({"suggested_questions": "fine\n" + "x" * 201}, "Line 2 is longer than 200 characters."),
        ({"fallback_1_provider": "<provider>"}, "Name the model"),
        ({"system_prompt": "x" * 32_001}, "at most 32000 characters"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_says_what_to_mend(
    client: Client, acme: Tenant, bot: Bot, path: str, changes: dict[str, Any], said: str
) -> None:
    provider_id = str(inside(acme, lambda: TenantAIProvider.objects.get(name="OpenAI").pk))
    changes = {
        name: value.replace("<provider>", provider_id) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    answer = client.post(path, filled(acme, bot, **{"welcome_message": "What I typed", **changes}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "What I typed" in page
    assert "data-guard data-unsaved" in page
    assert not now(acme, bot).has_draft


def test_of_two_people_who_edit_at_once_the_second_is_told_and_loses_nothing(
    client: Client, acme: Tenant, bot: Bot, path: str
) -> None:
    seen = client.get(path).context["seen"]
    assert client.post(path, filled(acme, bot, seen=seen, system_prompt="Mine.")).status_code == 302
    late = client.post(path, filled(acme, bot, seen=seen, system_prompt="Theirs."))
    assert late.status_code == 422
    assert b"Somebody else has changed this bot" in late.content
    assert b"Theirs." in late.content
    assert inside(acme, lambda: history.draft_of(bot).settings["system_prompt"]) == "Mine."
    again = client.post(path, filled(acme, bot, seen=late.context["seen"], system_prompt="Theirs."))
    assert again.status_code == 302


def test_a_provider_that_is_switched_off_is_not_lost_by_saving(
    client: Client, acme: Tenant, bot: Bot, path: str
) -> None:
    with tenant_scope(acme):
        provider = TenantAIProvider.objects.create(name="Off", provider_type=ProviderType.LOCAL, is_active=False)
        services.update_bot(by=SYSTEM, bot=bot, tenant_ai_provider_id=provider.pk)
    assert b"A provider that is switched off" in client.get(path).content
    client.post(path, filled(acme, now(acme, bot), temperature="0.1", publish="1"))
    assert now(acme, bot).tenant_ai_provider_id == provider.pk


def test_text_of_a_tenant_is_text_on_every_page(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    evil = "</script><script>alert(1)</script>"
    with tenant_scope(acme):
        services.update_bot(
            by=SYSTEM, bot=bot, name=evil, description=evil, system_prompt=evil, welcome_message=evil,
            suggested_questions=[evil], no_evidence_message=evil, model=evil, look={"title": evil, "legal_note": evil},
        )  # fmt: skip
        services.edit_draft(by=SYSTEM, bot=bot, system_prompt=evil * 2)
        services.create_curated_answer(by=SYSTEM, bot=bot, answer=evil, questions=[evil])
    for to in ("", "look/", "answers/", "versions/", "embed/", "api/", "danger/"):
        page = client.get(f"{path}{to}").content.decode()
        assert evil not in page, to
        assert escape(evil) in page, to


# --- the look --------------------------------------------------------------------------------------------

LOOK = {
    "accent": "#0F766E",
    "theme": "dark",
    "position": "start",
    "launcher_icon": "help",
    "launcher_text": "Ask",
    "title": "Acme",
    "avatar": "none",
    "placeholder": "Your question",
    "language": "pt-BR",
    "talk_to_person": "on",
    "legal_note": "No advice.",
    "legal_url": "https://acme.example/legal",
    "proactive_text": "Need help?",
    "proactive_after": "30",
}


def test_the_look_is_drafted_and_published(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    assert client.post(f"{path}look/", LOOK).headers["Location"] == f"{path}look/"
    assert now(acme, bot).look == {}
    client.post(f"{path}look/", {**LOOK, "publish": "1"})
    look = now(acme, bot).look
    assert (look["accent"], look["language"], look["show_sources"]) == ("#0f766e", "pt-BR", False)
    assert (look["talk_to_person"], look["proactive_after"]) == (True, 30)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"accent": "teal"}, "Write a colour as #rrggbb."),
        ({"legal_url": "http://acme.example"}, "begins with https://"),
        ({"theme": "sepia"}, "Select a valid choice"),
        ({"proactive_after": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_look_that_cannot_be_is_refused_at_its_field(
    client: Client, acme: Tenant, bot: Bot, path: str, changes: dict[str, str], said: str
) -> None:
    answer = client.post(f"{path}look/", {**LOOK, **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert b'value="Your question"' in answer.content


# --- versions --------------------------------------------------------------------------------------------


def test_the_draft_is_reviewed_and_published_with_a_note(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    with tenant_scope(acme):
        other = Dataset.objects.create(name="Price lists")
        services.edit_draft(
            by=SYSTEM, bot=bot, system_prompt="Be brief.\nBe exact.\nBe kind.", dataset_ids=[other.pk],
            no_evidence="ask_back", look={"show_sources": False},
        )  # fmt: skip
    page = client.get(f"{path}versions/").content.decode()
    assert "Publish version 2" in page
    assert "Be exact." in page
    assert "Price lists" in page and "Manuals" in page, "datasets are named, not numbered"
    assert "Ask the visitor to put it differently" in page
    assert "Show sources under answers" in page
    answer = client.post(f"{path}versions/", {"note": "More exact"})
    assert answer.headers["Location"] == f"{path}versions/"
    published = now(acme, bot)
    assert (published.version, published.system_prompt) == (2, "Be brief.\nBe exact.\nBe kind.")
    assert b"More exact" in client.get(f"{path}versions/").content


def test_a_note_that_is_too_long_is_refused_and_kept(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.edit_draft(by=SYSTEM, bot=bot, temperature=0.1))
    answer = client.post(f"{path}versions/", {"note": "n" * 201})
    assert answer.status_code == 422
    assert b"n" * 201 in answer.content
    assert now(acme, bot).version == 1


def test_two_versions_are_compared_by_the_address(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.update_bot(by=SYSTEM, bot=bot, model="second-model"))
    page = client.get(f"{path}versions/?before=1&after=published").content.decode()
    assert "Version 1" in page
    assert "second-model" in page
    assert b"Nothing differs." in client.get(f"{path}versions/?before=2&after=published").content
    assert client.get(f"{path}versions/?before=9&after=published").status_code == 404


def test_a_version_is_restored_into_the_draft(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.update_bot(by=SYSTEM, bot=bot, system_prompt="Second."))
    answer = client.post(f"{path}versions/1/restore/", follow=True)
    assert b"Version 1 is in the draft." in answer.content
    assert now(acme, bot).system_prompt == "Second."
    assert inside(acme, lambda: history.draft_of(bot).settings["system_prompt"]) == "Be brief.\nBe kind."


def test_a_draft_is_discarded(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.edit_draft(by=SYSTEM, bot=bot, temperature=0.1))
    assert client.post(f"{path}draft/discard/").headers["Location"] == path
    assert not now(acme, bot).has_draft


# --- answers ---------------------------------------------------------------------------------------------


def test_an_answer_is_written_changed_and_deleted(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    assert b"No answers of your own yet" in client.get(f"{path}answers/").content
    client.post(f"{path}answers/new/", {"questions": "When?\nOpening hours", "answer": "At nine.", "is_active": "on"})
    answer = inside(acme, CuratedAnswer.objects.get)
    listed = client.get(f"{path}answers/").content.decode()
    assert "When?" in listed and "and 1 other way of asking" in listed and "At nine." in listed

    one = f"{path}answers/{answer.pk}/"
    assert b"Opening hours" in client.get(one).content
    client.post(one, {"questions": "When?", "answer": "At ten."})
    changed = inside(acme, CuratedAnswer.objects.get)
    assert (changed.answer, changed.is_active) == ("At ten.", False)

    client.post(f"{one}delete/")
    assert not inside(acme, CuratedAnswer.objects.exists)


def test_a_question_that_another_answer_has_is_named(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.create_curated_answer(by=SYSTEM, bot=bot, answer="A", questions=["When?"]))
    sent = {"questions": "Where?\nwhen", "answer": "At nine.", "is_active": "on"}
    answer = client.post(f"{path}answers/new/", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "when: Another active answer has the question “When?”." in page
    assert "At nine." in page


def test_an_answer_of_another_bot_is_not_found_below_this_one(
    client: Client, acme: Tenant, bot: Bot, path: str
) -> None:
    with tenant_scope(acme):
        other = services.create_bot(by=SYSTEM, name="Other")
        answer = services.create_curated_answer(by=SYSTEM, bot=other, answer="A", questions=["When?"])
    assert client.get(f"{path}answers/{answer.pk}/").status_code == 404
    assert client.post(f"{path}answers/{answer.pk}/delete/").status_code == 404
    assert inside(acme, CuratedAnswer.objects.exists)


# --- reaching it -----------------------------------------------------------------------------------------


def test_the_snippets_name_this_host_and_this_bot(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    page = client.get(f"{path}embed/").content.decode()
    assert escape('<script async src="http://testserver/widget/v1.js" data-bot="bot_') in page
    assert "http://testserver/embed/bot_" in page and "http://testserver/chat/bot_" in page
    assert "Not seen on any site yet" in page


def test_who_may_talk_to_it_holds_at_once_and_makes_no_version(
    client: Client, acme: Tenant, bot: Bot, path: str
) -> None:
    sent = {"allowed_origins": "https://Shop.example/\nhttps://*.shop.example", "hosted_page": "on"}
    client.post(f"{path}embed/", sent)
    changed = now(acme, bot)
    assert changed.allowed_origins == ["https://shop.example", "https://*.shop.example"]
    assert (changed.hosted_page, changed.require_identity, changed.daily_visitor_questions) == (True, False, None)
    assert (changed.version, changed.has_draft) == (1, False)


def test_a_site_that_is_none_is_named(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    answer = client.post(f"{path}embed/", {"allowed_origins": "https://shop.example\nshop"})
    assert answer.status_code == 422
    assert "shop: Send an origin" in answer.content.decode()
    assert now(acme, bot).allowed_origins == []


def test_the_light_is_green_for_the_site_that_was_seen_last(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: BotSighting.objects.create(bot=bot, origin="https://shop.example"))
    part = client.get(f"{path}embed/sightings/", headers={"HX-Request": "true"}).content.decode()
    assert "light--on" in part and "https://shop.example" in part and "<main" not in part


def test_a_key_for_this_bot_alone_is_shown_once(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    page = client.get(f"{path}api/").content.decode()
    assert "http://testserver/v1/chat/completions" in page and "help-desk" in page
    assert "cms_live_…" in page
    made = client.post(f"{path}api/", {"name": "Shop"})
    key = ApiKey.objects.get()
    secret = made.context["secret"]
    assert secret.startswith("cms_live_") and made.content.decode().count(secret) == 5
    assert (key.name, key.scopes, key.bot_ids) == ("Shop", ["chat"], [bot.pk])
    assert secret not in client.get(f"{path}api/").content.decode()
    asked = Client(headers=factories.bearer(secret))
    assert asked.get("/v1/chat/bots/help-desk").status_code == 200
    assert asked.get("/v1/tenant/bots").status_code == 403


# --- as a whole ------------------------------------------------------------------------------------------


def test_a_bot_is_copied(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    answer = client.post(f"{path}duplicate/", {"name": "Second desk"})
    copy = inside(acme, lambda: Bot.objects.get(name="Second desk"))
    assert answer.headers["Location"] == f"{LIST}{copy.pk}/"
    refused = client.post(f"{path}duplicate/", {"name": ""})
    assert refused.status_code == 422


def test_a_bot_is_switched_off_and_on_put_away_and_taken_out(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    client.post(f"{path}switch/")
    assert not now(acme, bot).is_active
    client.post(f"{path}switch/")
    assert now(acme, bot).is_active
    client.post(f"{path}archive/")
    assert now(acme, bot).archived_at is not None
    assert b"This bot is archived" in client.get(path).content
    client.post(f"{path}unarchive/")
    assert now(acme, bot).archived_at is None


def test_deleting_says_what_is_lost_and_asks_for_the_name(client: Client, acme: Tenant, bot: Bot, path: str) -> None:
    with tenant_scope(acme):
        Conversation.objects.create(bot=bot, channel="api", actor_type="system", message_count=4)
        services.create_curated_answer(by=SYSTEM, bot=bot, answer="A", questions=["When?"])
    page = client.get(f"{path}danger/").content.decode()
    for lost in ("1 conversation", "4 messages in them", "1 version of its settings", "1 answer that people wrote"):
        assert lost in page
    wrong = client.post(f"{path}delete/", {"typed": "help desk"})
    assert wrong.status_code == 422
    assert b"Nothing was deleted" in wrong.content
    assert client.post(f"{path}delete/", {"typed": "Help desk"}).headers["Location"] == LIST
    assert not inside(acme, Bot.objects.exists)
    assert AuditEvent.objects.filter(action="bot.delete").count() == 1


# --- who may what ----------------------------------------------------------------------------------------

PAGES = ("", "look/", "answers/", "versions/", "embed/", "api/", "danger/")
CHANGES = (
    *("", "look/", "answers/new/", "versions/", "embed/", "draft/discard/", "versions/1/restore/"),
    *("switch/", "archive/", "unarchive/", "duplicate/", "delete/"),
)


def test_a_viewer_reads_everything_and_changes_nothing(viewer: Client, acme: Tenant, bot: Bot, path: str) -> None:
    inside(acme, lambda: services.edit_draft(by=SYSTEM, bot=bot, temperature=0.1))
    assert b'href="/t/acme/bots/new/"' not in viewer.get(LIST).content
    before = now(acme, bot)
    for to in PAGES:
        page = viewer.get(f"{path}{to}")
        assert page.status_code == 200, to
        main = page.content.decode().partition("<main")[2].partition("</main>")[0]
        senders = [each for each in re.findall(r"<button[^>]*>", main) if 'type="button"' not in each]
        assert [each for each in senders if "data-send" not in each and "Close" not in each] == [], to
    for to in CHANGES:
        assert viewer.post(f"{path}{to}", {"typed": "Help desk", "name": "x", "note": "x"}).status_code == 403, to
    assert viewer.get(f"{LIST}new/").status_code == 403
    after = now(acme, bot)
    assert (after.updated_at, after.has_draft, after.is_active) == (before.updated_at, True, True)


def test_an_editor_changes_bots_and_makes_no_keys(acme: Tenant, bot: Bot, path: str) -> None:
    editor = member(acme, Role.EDITOR)
    assert editor.post(path, filled(acme, bot, temperature="0.1")).status_code == 302
    assert b"Owners and admins can make keys" in editor.get(f"{path}api/").content
    assert editor.post(f"{path}api/", {"name": "Mine"}).status_code == 403
    assert not ApiKey.objects.exists()


def test_a_bot_of_another_tenant_is_on_no_page(client: Client, acme: Tenant, globex: Tenant) -> None:
    theirs = inside(globex, lambda: services.create_bot(by=SYSTEM, name="Theirs"))
    for to in PAGES:
        assert client.get(f"{LIST}{theirs.pk}/{to}").status_code == 404, to
    assert b"Theirs" not in client.get(LIST).content
