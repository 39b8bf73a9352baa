"""A bot keeps what it runs on until somebody changes the bot or confirms a new default."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from bots import history, services
from bots.exceptions import BotSettingsError
from bots.models import Bot, BotVersion
from bots.selectors import bot_by_id
from chat.turns.services.routes import routes_of
from providers import services as providers
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.connect import USUAL_MODELS
from providers.exceptions import DefaultInUseError, ProviderInUseError, ProviderMisconfigured
from providers.models import TenantAIProvider
from providers.registry import ADAPTERS
from providers.selectors import access_to
from tenants.context import tenant_scope
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

PATH = "/v1/tenant/providers"
KEYS = {"openai": "sk-proj-4f1b2c3d4e5f6g7h", "anthropic": "sk-ant-0123456789abcdef"}
VENDORS = sorted(set(ADAPTERS) - {"local"})


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def portal(owner: Membership) -> Client:
    browser = Client(headers={"Accept": "text/html"})
    browser.force_login(owner.user)
    return browser


def connect(kind: str = "openai", *, models: list[Any] | None = None, **more: Any) -> TenantAIProvider:
    """A provider of that kind with a key, as it is first connected."""
    config: dict[str, Any] = {"models": models} if models else {}
    if kind == "openai_compatible":
        config["base_url"] = "https://llm.example.com/v1"
    key = KEYS.get(kind, "sk-x")
    return providers.create_provider(
        by=SYSTEM, name=f"{kind} {uuid.uuid4()}", provider_type=kind, api_key=key, config=config, **more
    )


def make(**settings: Any) -> Bot:
    return services.create_bot(by=SYSTEM, name="Guide", **settings)


def runs_on(bot: Bot) -> list[tuple[str, str]]:
    """Kind and model of what a bot is answered by, and of its fallbacks, as a turn finds them."""
    first, *fallbacks = routes_of(bot_by_id(bot.pk))
    return [(route.access.config.kind, route.model.id) for route in (first, *fallbacks)]


def builtin() -> TenantAIProvider:
    return TenantAIProvider.objects.get(provider_type="local")


# --- a new bot stores what it runs on ----------------------------------------------------------------------


@pytest.mark.parametrize("sent", [{}, {"model": "local"}, {"model": "gpt-3.5-turbo"}], ids=str)
@pytest.mark.parametrize("kind", VENDORS)
def test_connecting_a_first_provider_moves_no_bot(in_acme: Tenant, kind: str, sent: dict[str, Any]) -> None:
    bot = make(**sent, fallbacks=[{"model": "local"}])
    before = runs_on(bot)

    provider = connect(kind)

    assert provider.is_default
    assert runs_on(bot) == before == [("local", "local"), ("local", "local")]
    assert bot_by_id(bot.pk).tenant_ai_provider_id == builtin().pk
    assert history.version_of(bot, 1).settings["tenant_ai_provider_id"] == str(builtin().pk)


@pytest.mark.parametrize("kind", VENDORS)
def test_local_is_local_whatever_the_default_is(in_acme: Tenant, kind: str) -> None:
    connect(kind, is_default=True)
    bot = make(model="local", fallbacks=[{"model": "local"}])
    follower = make()
    Bot.objects.filter(pk=follower.pk).update(tenant_ai_provider=None, model="local")

    assert runs_on(bot) == [("local", "local"), ("local", "local")]
    assert runs_on(follower) == [("local", "local")]


@pytest.mark.parametrize(("kind", "model"), [("openai", "gpt-3.5-turbo"), ("anthropic", "claude-haiku-4-5")])
def test_a_new_bot_stores_the_default_provider_and_a_model_that_it_has(in_acme: Tenant, kind: str, model: str) -> None:
    first = connect(kind)
    bot = make(fallbacks=[{"model": "any"}])

    assert (bot.tenant_ai_provider_id, bot.model) == (first.pk, model)
    assert bot.fallbacks == [{"provider_id": str(first.pk), "model": "any"}]
    providers.set_default(by=SYSTEM, provider=builtin())
    assert runs_on(bot) == [(kind, model), (kind, "any")]


def test_a_copy_stores_it_too(in_acme: Tenant) -> None:
    bot = make()
    Bot.objects.filter(pk=bot.pk).update(tenant_ai_provider=None)

    copy = services.duplicate_bot(by=SYSTEM, bot=bot)

    assert copy.tenant_ai_provider_id == builtin().pk


def test_a_version_whose_provider_is_gone_moves_the_bot_nowhere(in_acme: Tenant) -> None:
    gone = connect("openai", is_default=False)
    bot = make(tenant_ai_provider_id=gone.pk, model="gpt-4o")
    bot = services.update_bot(by=SYSTEM, bot=bot, tenant_ai_provider_id=builtin().pk, model="local")
    providers.delete_provider(by=SYSTEM, provider=gone)

    bot, left_out = services.restore_version(by=SYSTEM, bot=bot, number=1)

    assert left_out == ["/provider_id"]
    assert not bot.has_draft


# --- the built-in model's name goes to no vendor --------------------------------------------------------------


@pytest.mark.parametrize("kind", VENDORS)
def test_no_vendor_is_asked_for_local(in_acme: Tenant, kind: str) -> None:
    provider = connect(kind)
    bot = make()
    with pytest.raises(BotSettingsError) as refused:
        services.update_bot(by=SYSTEM, bot=bot, tenant_ai_provider_id=provider.pk, model="local")
    assert refused.value.extra["errors"][0]["pointer"] == "/model"
    Bot.objects.filter(pk=bot.pk).update(tenant_ai_provider=provider, model="local")  # whoever wrote it

    with pytest.raises(ProviderMisconfigured, match="no model “local”"):
        routes_of(bot_by_id(bot.pk))
    assert providers.test_connection(by=SYSTEM, provider=provider, model="local").code == ProviderMisconfigured.code


def test_a_vendor_that_lists_a_model_of_that_name_is_asked_for_it(in_acme: Tenant) -> None:
    provider = connect("openai_compatible", models=["local"], is_default=False)
    assert runs_on(make(tenant_ai_provider_id=provider.pk, model="local")) == [("openai_compatible", "local")]


@pytest.mark.parametrize("model", ["gpt-99", "gpt-4o", *USUAL_MODELS["anthropic"], "Local", "local "])
def test_the_builtin_provider_has_one_model(in_acme: Tenant, client: APIClient, model: str) -> None:
    bot = make()
    for response in (
        client.post("/v1/tenant/bots", {"name": "x", "model": model}),
        client.patch(f"/v1/tenant/bots/{bot.pk}", {"model": model}),
        client.patch(f"/v1/tenant/bots/{bot.pk}/draft", {"model": model}),
    ):
        if model.strip() == "local":
            assert response.status_code in {200, 201}
            continue
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert error["pointer"] == "/model"
        assert "It has local." in error["detail"]


def test_a_model_that_the_platform_does_not_lend_is_refused(in_acme: Tenant) -> None:
    row = GlobalAIProvider(name="Platform", provider_type="openai", config={"models": ["gpt-4o-mini"]})
    lent = providers.use_global(by=SYSTEM, global_id=save_provider(by=SYSTEM, provider=row, api_key="sk-x").pk)
    with pytest.raises(BotSettingsError, match=r"has no model “gpt-4o”\. It has gpt-4o-mini\."):
        make(tenant_ai_provider_id=lent.pk, model="gpt-4o")
    with pytest.raises(BotSettingsError, match="gpt-4o-mini") as refused:
        make(fallbacks=[{"provider_id": lent.pk, "model": "gpt-4o"}])
    assert refused.value.extra["errors"][0]["pointer"] == "/fallbacks/0/model"


# --- a new default asks -------------------------------------------------------------------------------------


def follow_by_itself(bot: Bot) -> None:
    services.update_bot(by=SYSTEM, bot=bot, tenant_ai_provider_id=None, model="gpt-3.5-turbo")


def follow_by_draft(bot: Bot) -> None:
    services.edit_draft(by=SYSTEM, bot=bot, tenant_ai_provider_id=None, model="gpt-3.5-turbo")


def follow_by_fallback(bot: Bot) -> None:
    provider = connect("openai", is_default=False)
    Bot.objects.filter(pk=bot.pk).update(fallbacks=[{"provider_id": None, "model": "gpt-4o"}])
    assert provider.pk


FOLLOWING = [follow_by_itself, follow_by_draft, follow_by_fallback]


@pytest.mark.parametrize("follow", FOLLOWING)
def test_a_new_default_is_confirmed_where_bots_follow_it(
    client: APIClient, acme: Tenant, follow: Callable[[Bot], None]
) -> None:
    with tenant_scope(acme):
        bot, other = make(), make(model="local")
        follow(bot)
        provider = connect("anthropic")
        assert not provider.is_default, "it takes nothing over by itself"
    one = f"{PATH}/{provider.pk}"
    new = {"name": "New", "provider_type": "openai", "api_key": KEYS["openai"], "is_default": True}
    usage = {"type": "bot", "id": str(bot.pk), "name": "Guide"}

    for refused in (client.patch(one, {"is_default": True}), client.post(PATH, new)):
        assert (refused.status_code, refused.json()["code"]) == (409, "default_in_use")
        assert refused.json()["usages"] == [usage]
        assert str(other.pk) not in refused.content.decode()
    assert client.get(one).json()["is_default"] is False
    assert client.patch(one, {"is_default": True, "confirm": True}).json()["is_default"] is True
    assert client.post(PATH, {**new, "confirm": True}).json()["is_default"] is True


def test_a_new_default_that_moves_nobody_needs_no_word(in_acme: Tenant) -> None:
    make()
    provider = connect("openai", is_default=False)
    assert providers.set_default(by=SYSTEM, provider=provider).is_default
    assert providers.set_default(by=SYSTEM, provider=provider).is_default


def test_switching_off_a_provider_in_use_is_confirmed(client: APIClient, acme: Tenant) -> None:
    with tenant_scope(acme):
        provider = connect("openai", is_default=False)
        bot = make(tenant_ai_provider_id=provider.pk)
    one = f"{PATH}/{provider.pk}"

    refused = client.patch(one, {"is_active": False})

    assert (refused.status_code, refused.json()["code"]) == (409, "provider_in_use")
    assert [usage["id"] for usage in refused.json()["usages"]] == [str(bot.pk)]
    assert client.patch(one, {"is_active": False, "confirm": True}).json()["is_active"] is False
    assert client.patch(one, {"is_active": False}).status_code == 200, "it is off already"


def test_the_builtin_provider_is_in_use_by_whoever_names_its_model(in_acme: Tenant) -> None:
    provider = connect("openai", is_default=True)
    follower = make(model="local")
    Bot.objects.filter(pk=follower.pk).update(tenant_ai_provider=None)
    with pytest.raises(ProviderInUseError, match="bot “Guide”"):
        providers.update_provider(by=SYSTEM, provider=builtin(), is_active=False)
    with pytest.raises(ProviderInUseError, match="bot “Guide”"):
        providers.delete_provider(by=SYSTEM, provider=builtin())
    assert provider.is_default


# --- the portal ---------------------------------------------------------------------------------------------


def test_the_page_of_a_new_bot_says_what_it_will_run_on_and_where_questions_go(portal: Client, acme: Tenant) -> None:
    page = portal.get("/t/acme/bots/new/").content.decode()
    assert "local of “Built-in (no key)”: questions and documents stay on this server" in page
    with tenant_scope(acme):
        provider = connect("anthropic")

    page = portal.get("/t/acme/bots/new/").content.decode()

    assert f"claude-haiku-4-5 of “{provider.name}”" in page
    assert "are sent there" in page


def test_the_portal_asks_before_a_new_default_moves_bots(portal: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        bot = make()
        follow_by_itself(bot)
        provider = connect("openai")
    address = f"/t/acme/settings/providers/{provider.pk}/default/"

    asked = portal.post(address)

    assert asked.status_code == 409
    assert f"/t/acme/bots/{bot.pk}/" in asked.content.decode()
    with tenant_scope(acme):
        assert builtin().is_default
    portal.post(address, {"confirm": "1"})
    with tenant_scope(acme):
        assert not builtin().is_default


def test_the_portal_asks_before_a_provider_in_use_is_switched_off(portal: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        provider = connect("openai", is_default=False)
        make(tenant_ai_provider_id=provider.pk)
    address = f"/t/acme/settings/providers/{provider.pk}/"
    assert 'name="confirm"' not in portal.get(address).content.decode()

    asked = portal.post(address, {"name": provider.name, "models": "", "base_url": ""})

    assert asked.status_code == 422
    assert "It is used by Guide." in asked.content.decode() and 'name="confirm"' in asked.content.decode()
    portal.post(address, {"name": provider.name, "models": "", "base_url": "", "confirm": "on"})
    with tenant_scope(acme):
        assert TenantAIProvider.objects.get(pk=provider.pk).is_active is False


# --- bots of before -----------------------------------------------------------------------------------------

MIGRATION = import_module("bots.migrations.0007_runs_on")


def as_before(bot: Bot, model: str, fallbacks: list[Any]) -> None:
    """Have a bot and its version name no provider, as bots did that nobody had chosen one for."""
    changes = {"tenant_ai_provider_id": None, "model": model, "fallbacks": fallbacks}
    Bot.objects.filter(pk=bot.pk).update(**changes)
    for version in BotVersion.objects.filter(bot=bot):
        BotVersion.objects.filter(pk=version.pk).update(settings={**version.settings, **changes})


def migrate() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION.WHOLE)


@pytest.mark.parametrize("model", ["gpt-3.5-turbo", "local", "gpt-4o"])
@pytest.mark.parametrize(
    ("kind", "models"),
    [
        ("local", None),
        ("openai", None),
        ("anthropic", None),
        ("openai_compatible", ["text-embed", {"id": "second", "kind": "embedding"}, {"id": "third"}, "fourth"]),
        ("openai_compatible", ["gpt-3.5-turbo"]),
        ("openai_compatible", ["local", "b"]),
        ("openai_compatible", [{"id": "only", "kind": "embedding"}]),
    ],
)
def test_an_older_bot_gets_what_it_ran_on(in_acme: Tenant, kind: str, models: list[Any] | None, model: str) -> None:
    provider = builtin() if kind == "local" else connect(kind, models=models, is_default=True)
    bot = make()
    as_before(bot, model, [{"provider_id": None, "model": "f"}, {"provider_id": None, "model": "local"}])
    ran_on = access_to(provider).fitting_model(model) if model != "gpt-4o" else model

    migrate()

    bot.refresh_from_db()
    if ran_on == "local" and models != ["local", "b"]:
        assert (bot.tenant_ai_provider_id, bot.model) == (builtin().pk, "local")
    else:
        assert (bot.tenant_ai_provider_id, bot.model) == (provider.pk, ran_on)
    assert bot.fallbacks == [
        {"provider_id": str(provider.pk), "model": "f"}, {"provider_id": None, "model": "local"}
    ]  # fmt: skip
    settings = history.version_of(bot, 1).settings
    assert (settings["tenant_ai_provider_id"], settings["model"]) == (str(bot.tenant_ai_provider_id), bot.model)
    assert settings["fallbacks"] == bot.fallbacks
    migrate()
    assert Bot.objects.get(pk=bot.pk).updated_at == bot.updated_at


def test_an_older_bot_of_a_lent_provider_gets_the_platforms_model(in_acme: Tenant) -> None:
    row = GlobalAIProvider(name="Platform", provider_type="openai", config={"models": ["gpt-4o-mini", "gpt-4"]})
    lent = providers.use_global(by=SYSTEM, global_id=save_provider(by=SYSTEM, provider=row, api_key="sk-x").pk)
    bot = make()
    as_before(bot, "gpt-3.5-turbo", [])

    migrate()

    bot.refresh_from_db()
    assert (bot.tenant_ai_provider_id, bot.model) == (lent.pk, "gpt-4o-mini")


def test_an_older_draft_gets_it_too_and_other_bots_stay(in_acme: Tenant) -> None:
    provider = connect("anthropic", is_default=True)
    chosen, drafted = make(tenant_ai_provider_id=builtin().pk, model="local"), make(model="local")
    services.edit_draft(by=SYSTEM, bot=drafted, tenant_ai_provider_id=None, model="gpt-3.5-turbo")

    migrate()

    assert runs_on(chosen) == [("local", "local")]
    draft = history.draft_of(drafted).settings
    assert (draft["tenant_ai_provider_id"], draft["model"]) == (str(provider.pk), "claude-haiku-4-5")
    assert drafted.tenant_ai_provider_id == builtin().pk


def test_the_sentence_of_a_refusal_names_the_bots(in_acme: Tenant) -> None:
    for name in "abcd":
        bot = services.create_bot(by=SYSTEM, name=name)
        follow_by_itself(bot)
    with pytest.raises(DefaultInUseError, match="bot “a”, bot “b”, bot “c” and 1 more would run on “Mine”"):
        providers.create_provider(by=SYSTEM, name="Mine", provider_type="openai", is_default=True)
