"""A provider that the platform lends: only the platform says which models it has and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_bot
from chat.models import Usage
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.models import TenantAIProvider
from providers.selectors import access_to, models_of, provider_by_id
from providers.services import offered_models, use_global
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Membership, Plan, Tenant
from tenants.types import SYSTEM

PATH = "/v1/tenant/providers"
# The fake provider's usual answer: 10 tokens of 2 and 8 of 10 dollars a million.
COST = Decimal("0.0001")
FREE: list[Any] = [{"id": "fake", "input_price": "0", "output_price": "0", "context_tokens": 1_000_000}]
CONFIGS = [
    {"models": FREE},
    {"models": ["fake"]},
    {"models": ["tokens-9"]},
    {"base_url": "https://llm.example.com/v1"},
    {"stream_options": False},
]


@pytest.fixture
def platform(db: None, fake: FakeProvider) -> GlobalAIProvider:
    models = [{"id": "fake", "input_price": "2", "output_price": "10", "context_tokens": 8_000}]
    config = {"base_url": fake.openai_url, "models": models}
    row = GlobalAIProvider(name="Platform", provider_type="openai_compatible", config=config)
    return save_provider(by=SYSTEM, provider=row, api_key="sk-of-the-platform")


@pytest.fixture
def lent(acme: Tenant, platform: GlobalAIProvider) -> TenantAIProvider:
    with tenant_scope(acme):
        return use_global(by=SYSTEM, global_id=platform.pk)


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers={"authorization": f"Bearer {api_key}"})


def bot_on(tenant: Tenant, provider: TenantAIProvider, *, model: str = "fake", **more: Any) -> Bot:
    """A bot of the provider, whatever today's rules say of its model."""
    with tenant_scope(tenant):
        bot = create_bot(by=SYSTEM, name="Guide", tenant_ai_provider_id=provider.pk, model="fake", **more)
        Bot.objects.filter(pk=bot.pk).update(model=model)
    return bot


def ask(client: APIClient, bot: Bot) -> Any:
    return client.post(f"/v1/chat/bots/{bot.slug}/messages", {"message": "Why?"}, format="json")


@pytest.mark.parametrize("config", CONFIGS)
def test_the_api_takes_no_config_for_a_lent_provider(
    client: APIClient, acme: Tenant, platform: GlobalAIProvider, config: dict[str, Any]
) -> None:
    def added(**more: Any) -> Any:
        return client.post(PATH, {"global_provider_id": str(platform.pk), "name": "Mine", **more})

    refused = added(config=config)
    provider_id = added(config={}).json()["id"]
    refused_change = client.patch(f"{PATH}/{provider_id}", {"config": config})

    for response in (refused, refused_change):
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == f"/config/{next(iter(config))}"
    with tenant_scope(acme):
        assert TenantAIProvider.objects.get(pk=provider_id).config == {}


def test_the_portals_form_stores_no_config_for_a_lent_provider(
    acme: Tenant, owner: Membership, lent: TenantAIProvider
) -> None:
    browser = Client()
    browser.force_login(owner.user)
    sent = {"name": "Renamed", "models": "tokens-9", "base_url": "https://llm.example.com", "is_active": "on"}

    browser.post(f"/t/{acme.slug}/settings/providers/{lent.pk}/", sent)

    with tenant_scope(acme):
        row = provider_by_id(lent.pk)
        assert (row.name, row.config) == ("Renamed", {})


@pytest.mark.parametrize("config", CONFIGS)
def test_the_database_keeps_no_config_of_a_lent_provider(
    in_acme: Tenant, lent: TenantAIProvider, config: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="lent_has_no_config"), transaction.atomic():
        TenantAIProvider.objects.filter(pk=lent.pk).update(config=config)


@pytest.mark.parametrize("find", [models_of, lambda row: offered_models(row, live=True).models])
def test_models_prices_and_context_are_the_platforms_wherever_they_are_read(
    in_acme: Tenant, lent: TenantAIProvider, find: Callable[[TenantAIProvider], Any]
) -> None:
    lent.config = {"models": [*FREE, "tokens-9"]}  # as if the row had it

    (model,) = find(lent)

    assert (model.id, model.context_tokens) == ("fake", 8_000)
    assert (model.input_price, model.output_price) == (Decimal(2), Decimal(10))
    assert access_to(lent).model_info("fake") == model


def test_an_answer_costs_what_the_platform_says(client: APIClient, acme: Tenant, lent: TenantAIProvider) -> None:
    answer = ask(client, bot_on(acme, lent))

    assert answer.status_code == 200
    with tenant_scope(acme):
        assert Usage.objects.get().cost == COST


def test_an_answer_of_a_fallback_costs_what_the_platform_says(
    client: APIClient, acme: Tenant, lent: TenantAIProvider
) -> None:
    bot = bot_on(acme, lent, model="tokens-9", fallbacks=[{"provider_id": lent.pk, "model": "fake"}])

    assert ask(client, bot).status_code == 200
    with tenant_scope(acme):
        usage = Usage.objects.get()
        assert (usage.model, usage.cost) == ("fake", COST)


def test_the_plans_cap_holds_for_a_lent_provider(client: APIClient, acme: Tenant, lent: TenantAIProvider) -> None:
    acme.plan = Plan.objects.create(code="tiny", name="Tiny", max_monthly_cost=Decimal("0.00001"))
    acme.save()

    assert ask(client, bot_on(acme, lent)).status_code == 402


def test_a_model_that_the_platform_does_not_list_is_never_called(
    client: APIClient, acme: Tenant, lent: TenantAIProvider, fake: FakeProvider
) -> None:
    before = fake.stats()["requests"]

    answer = ask(client, bot_on(acme, lent, model="tokens-9"))
    tried = client.post(f"{PATH}/{lent.pk}/test", {"model": "tokens-9"}).json()

    assert answer.status_code == 424
    assert "tokens-9" in answer.json()["detail"]
    assert (tried["ok"], tried["code"]) == (False, "provider_misconfigured")
    assert fake.stats()["requests"] == before
