"""A bot may be set to a model that its provider does not list; whoever sets it so is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bots import services
from bots.models import Bot
from bots.notices import known_providers, notices_of
from bots.versioned import settings_of
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.models import TenantAIProvider
from providers.services import create_provider, use_global
from tenants.context import tenant_scope
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

VENDOR_LISTS = {"models": [{"id": "a"}, {"id": "llama3.1:latest"}], "is_whole": True}


def connect(name: str = "Mine", *, models: tuple[str, ...] = (), learned: Any = None, **more: Any) -> TenantAIProvider:
    config = {"base_url": "https://llm.example/v1", "models": list(models)}
    given: dict[str, Any] = {"provider_type": "openai_compatible", "api_key": "sk-test", "config": config} | more
    provider = create_provider(by=SYSTEM, name=name, **given)
    TenantAIProvider.objects.filter(pk=provider.pk).update(learned=learned or {})
    return provider


def make(provider: TenantAIProvider, model: str, *fallbacks: str, name: str = "Guide") -> Bot:
    named: list[Any] = [{"provider_id": provider.pk, "model": one} for one in fallbacks]
    return services.create_bot(by=SYSTEM, name=name, tenant_ai_provider_id=provider.pk, model=model, fallbacks=named)


def pointers(bot: Bot) -> list[str]:
    return [one.pointer for one in notices_of(settings_of(bot), known_providers())]


@pytest.mark.parametrize(
    ("models", "learned", "model", "is_told"),
    [
        ((), {}, "a", False),
        ((), VENDOR_LISTS, "a", False),
        ((), VENDOR_LISTS, "A", True),
        ((), VENDOR_LISTS, "llama3.1", False),
        ((), {**VENDOR_LISTS, "is_whole": False}, "b", False),
        (("b",), VENDOR_LISTS, "b", False),
        (("b",), VENDOR_LISTS, "c", True),
        (("b",), {}, "a", True),
        (("b",), {**VENDOR_LISTS, "is_whole": False}, "c", False),
        ((), {"models": "junk", "is_whole": True}, "a", False),
    ],
)
def test_a_model_is_told_of_that_neither_config_nor_vendor_lists(
    in_acme: Tenant, models: tuple[str, ...], learned: Any, model: str, is_told: bool
) -> None:
    bot = make(connect(models=models, learned=learned), model)
    assert pointers(bot) == (["/model"] if is_told else [])


def test_fallbacks_are_looked_at_each(in_acme: Tenant) -> None:
    assert pointers(make(connect(learned=VENDOR_LISTS), "a", "b", "a", "c")) == [
        "/fallbacks/0/model",
        "/fallbacks/2/model",
    ]


def test_a_bot_that_follows_the_default_is_held_to_that(in_acme: Tenant) -> None:
    connect(learned=VENDOR_LISTS, is_default=True)
    bot = services.create_bot(by=SYSTEM, name="Follower")
    for model, told in (("a", []), ("b", ["/model"]), ("local", [])):
        Bot.objects.filter(pk=bot.pk).update(tenant_ai_provider_id=None, model=model)
        assert pointers(Bot.objects.get(pk=bot.pk)) == told


def test_of_the_built_in_and_of_lent_providers_nothing_is_said(in_acme: Tenant) -> None:
    assert pointers(services.create_bot(by=SYSTEM, name="Built-in", model="local")) == []
    row = GlobalAIProvider(name="Lent", provider_type="openai")
    lent = use_global(by=SYSTEM, global_id=save_provider(by=SYSTEM, provider=row, api_key="sk-lent").pk)
    assert pointers(make(lent, "anything")) == []


def test_a_provider_that_is_gone_or_an_odd_model_breaks_nothing(in_acme: Tenant) -> None:
    bot = make(connect(learned=VENDOR_LISTS), "“b” <i>")
    settings = {**settings_of(bot), "fallbacks": [{"provider_id": str(bot.pk), "model": "x"}]}
    assert [one.pointer for one in notices_of(settings, known_providers())] == ["/model"]


def test_the_api_saves_it_and_says_so(acme: Tenant, api_key: str) -> None:
    client = APIClient(headers=factories.bearer(api_key))
    with tenant_scope(acme):
        provider = connect(learned=VENDOR_LISTS)
    body = {"name": "Guide", "model": "b", "provider_id": str(provider.pk)}
    made = client.post("/v1/tenant/bots", body, format="json")

    warning = {
        "pointer": "/model",
        "code": "model_not_listed",
        "detail": "“Mine” lists no model “b”. It may have it all the same: try the bot, or correct the name.",
    }
    path = f"/v1/tenant/bots/{made.json()['id']}"
    assert (made.status_code, made.json()["warnings"]) == (201, [warning])
    assert client.get(path).json()["warnings"] == [warning]
    assert client.get("/v1/tenant/bots").json()["results"][0]["warnings"] == [warning]
    drafted = client.patch(f"{path}/draft", {"model": "a"}, format="json").json()
    assert (drafted["warnings"], client.get(path).json()["warnings"]) == ([], [warning])
    assert client.patch(path, {"model": "a"}, format="json").json()["warnings"] == []


def test_a_list_of_bots_reads_the_providers_once(acme: Tenant, api_key: str) -> None:
    client = APIClient(headers=factories.bearer(api_key))
    client.get("/v1/tenant/bots")
    counts = []
    for number in range(3):
        with tenant_scope(acme):
            make(connect(f"P{number}", learned=VENDOR_LISTS), "b", "c", name=f"Bot {number}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/v1/tenant/bots").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_the_page_of_the_bot_says_so_beside_its_model(owner: Membership, acme: Tenant) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    with tenant_scope(acme):
        provider = connect(learned=VENDOR_LISTS)
        listed, unlisted = make(provider, "a", name="Listed"), make(provider, "b<i>", name="Unlisted")

    assert "lists no model" not in client.get(f"/t/acme/bots/{listed.pk}/").content.decode()
    assert "“Mine” lists no model “b&lt;i&gt;”" in client.get(f"/t/acme/bots/{unlisted.pk}/").content.decode()
