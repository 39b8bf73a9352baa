"""Tests of trying a provider, against a server that speaks the vendors' real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from providers import services
from providers.adapters._quirks import QUIRKS
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.catalog.services import test_connection as try_platform_provider
from providers.connect import Access
from providers.exceptions import ProviderCannotList, ProviderMisconfigured, ProviderUnavailable
from providers.models import TenantAIProvider
from providers.tests.fake_provider import FakeProvider
from providers.tests.fake_scripts import JSON, Reply
from tenants.models import AuditEvent, Tenant
from tenants.types import SYSTEM, Actor

KEY = "sk-proj-4f1b2c3d4e5f6g7h"


@pytest.fixture(scope="module")
def running_fake() -> Iterator[FakeProvider]:
    with FakeProvider.start(tokens=3) as fake:
        yield fake


@pytest.fixture
def fake(running_fake: FakeProvider, settings: Settings) -> FakeProvider:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({running_fake.host})
    running_fake.reset()
    QUIRKS.forget()
    return running_fake


def make(fake: FakeProvider, *models: str, kind: str = "openai", **values: Any) -> TenantAIProvider:
    config = {"base_url": fake.url, "models": list(models)}
    given = {"by": SYSTEM, "name": "Fake", "provider_type": kind, "api_key": KEY, "config": config}
    return services.create_provider(**{**given, **values})


@pytest.mark.parametrize("kind", ["openai", "anthropic", "openai_compatible"])
def test_a_provider_that_answers_is_said_to_work_and_remembered(
    in_acme: Tenant, by_owner: Actor, fake: FakeProvider, kind: str
) -> None:
    provider = make(fake, "fake", kind=kind)
    result = services.test_connection(by=by_owner, provider=provider)
    assert (result.ok, result.model, result.code) == (True, "fake", None)
    provider.refresh_from_db()
    assert (provider.last_check_ok, provider.last_check_detail) == (True, result.detail)
    assert provider.last_checked_at is not None
    assert fake.stats()["requests"] == 2, "the model is asked, and the vendor for its list"
    assert AuditEvent.objects.get(action="provider.test").detail == {"ok": True, "code": None}


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("fail-401", "provider_auth"),
        ("quota", "provider_quota_exceeded"),
        ("fail-404-model", "provider_model_not_found"),
        ("fail-500", "provider_unavailable"),
        ("junk", "provider_bad_response"),
        ("redirect", "provider_misconfigured"),
    ],
)
def test_a_failure_is_explained_without_the_key_and_remembered(
    in_acme: Tenant, fake: FakeProvider, model: str, code: str
) -> None:
    provider = make(fake, model)
    result = services.test_connection(by=SYSTEM, provider=provider)
    assert (result.ok, result.code) == (False, code)
    assert len(result.detail) > 20
    assert KEY not in result.detail
    provider.refresh_from_db()
    assert (provider.last_check_ok, provider.last_check_detail) == (False, result.detail)


def test_nobody_listening_is_explained(in_acme: Tenant, settings: Settings) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({"127.0.0.1:9"})
    provider = services.create_provider(
        by=SYSTEM, name="Off", provider_type="openai_compatible", config={"base_url": "http://127.0.0.1:9/v1"}
    )
    result = services.test_connection(by=SYSTEM, provider=provider)
    assert (result.ok, result.code) == (False, "provider_unavailable")


def test_a_missing_key_is_explained_without_a_call(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake, "fake", api_key="")
    result = services.test_connection(by=SYSTEM, provider=provider)
    assert (result.ok, result.code) == (False, "provider_misconfigured")
    assert fake.stats()["requests"] == 0


def test_a_key_that_cannot_be_read_any_more_is_explained(
    in_acme: Tenant, fake: FakeProvider, settings: Settings
) -> None:
    provider = make(fake, "fake")
    settings.KEY_ENCRYPTION_KEYS = ["another-" + "k" * 40]
    result = services.test_connection(by=SYSTEM, provider=provider)
    assert "Enter the provider's key again" in result.detail
    assert fake.stats()["requests"] == 0


def test_an_address_that_is_no_longer_allowed_is_refused_at_use_and_the_cure_is_named(
    in_acme: Tenant, fake: FakeProvider, settings: Settings
) -> None:
    provider = make(fake, "fake")
    settings.EGRESS_PRIVATE_HOSTS = frozenset()
    result = services.test_connection(by=SYSTEM, provider=provider)
    assert (result.ok, result.code) == (False, "egress_refused")
    assert "EGRESS_PRIVATE_HOSTS=" in result.detail
    assert fake.stats()["requests"] == 0


def test_the_named_model_is_tried_and_an_embedding_model_by_embedding(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake, "fail-500")
    assert services.test_connection(by=SYSTEM, provider=provider, model="echo").model == "echo"
    embedded = services.test_connection(by=SYSTEM, provider=provider, model="text-embedding-3-small")
    assert embedded.ok
    assert fake.stats()["by_path"] == {"/v1/chat/completions": 1, "/v1/embeddings": 1, "/v1/models": 2}


def test_without_a_word_about_models_the_servers_own_list_says_which_to_try(
    in_acme: Tenant, fake: FakeProvider
) -> None:
    provider = make(fake, kind="openai_compatible")
    assert services.test_connection(by=SYSTEM, provider=provider).ok
    assert fake.stats()["by_path"]["/v1/models"] == 2, "before it, and to learn from it"


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_the_vendor_is_waited_for(
    in_acme: Tenant, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = make(fake, "fake")
    held: list[bool] = []
    check = Access.check

    def watched(access: Access, model: str = "") -> Any:
        held.append(connection.connection is not None)
        return check(access, model)

    monkeypatch.setattr(Access, "check", watched)
    assert services.test_connection(by=SYSTEM, provider=provider).ok
    assert held == [False]


def test_known_models_are_offered_without_a_call(in_acme: Tenant, fake: FakeProvider) -> None:
    offer = services.offered_models(make(fake, "gpt-4"))
    assert (offer.listed_by, [model.id for model in offer.models]) == ("us", ["gpt-4"])
    assert offer.models[0].context_tokens == 8192
    assert fake.stats()["requests"] == 0


def test_the_vendor_is_asked_for_models_that_nobody_knows(in_acme: Tenant, fake: FakeProvider) -> None:
    offer = services.offered_models(make(fake, kind="openai_compatible"))
    assert offer.listed_by == "vendor"
    assert "gpt-4o-mini" in [model.id for model in offer.models]


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_gateway_under_a_vendors_type_offers_and_tries_its_own_models(
    in_acme: Tenant, fake: FakeProvider, kind: str
) -> None:
    rows = (
        b'{"data": [{"id": "embedder", "type": "embedding"}, {"id": "echo", "context_length": 4096}, {"id": "cite"}]}'
    )
    fake.script("/v1/models", Reply((rows,), headers=JSON))
    provider = make(fake, kind=kind)
    for live in (False, True):
        offer = services.offered_models(provider, live=live)
        assert (offer.listed_by, [model.id for model in offer.models]) == ("vendor", ["embedder", "echo", "cite"])
    assert offer.models[1].context_tokens == 4096
    result = services.test_connection(by=SYSTEM, provider=provider)
    assert (result.ok, result.model) == (True, "echo")


@pytest.mark.parametrize("address", [None, "https://api.anthropic.com", "https://API.anthropic.com/v1/messages"])
def test_the_vendors_own_address_offers_the_usual_models(in_acme: Tenant, address: str | None) -> None:
    config = {"base_url": address} if address else {}
    provider = services.create_provider(by=SYSTEM, name="Claude", provider_type="anthropic", api_key=KEY, config=config)
    assert "claude-haiku-4-5" in [model.id for model in services.offered_models(provider).models]


def test_a_server_that_cannot_list_offers_what_was_listed_for_it_and_else_says_so(
    in_acme: Tenant, fake: FakeProvider
) -> None:
    for path in ("/v1/models", "/models"):
        fake.script(path, Reply((b'{"detail": "Not Found"}',), status=404, headers=JSON))
    offer = services.offered_models(make(fake, "echo", kind="openai_compatible"), live=True)
    assert (offer.listed_by, [model.id for model in offer.models]) == ("us", ["echo"])
    nameless = make(fake, kind="openai_compatible", name="Nameless")
    with pytest.raises(ProviderCannotList):
        services.offered_models(nameless)
    result = services.test_connection(by=SYSTEM, provider=nameless)
    assert (result.ok, result.code) == (False, "provider_cannot_list_models")
    assert "List those you use" in result.detail


def test_a_vendor_that_cannot_list_its_models_is_an_error_with_a_cause(in_acme: Tenant, settings: Settings) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({"127.0.0.1:9"})
    config = {"base_url": "http://127.0.0.1:9/v1"}
    provider = services.create_provider(by=SYSTEM, name="Off", provider_type="openai_compatible", config=config)
    with pytest.raises(ProviderUnavailable):
        services.offered_models(provider)


def test_the_builtin_provider_works_without_a_key_and_without_a_network(in_acme: Tenant) -> None:
    provider = services.default_provider()
    assert services.test_connection(by=SYSTEM, provider=provider).ok
    assert services.offered_models(provider).models


def test_the_platforms_provider_is_tried_with_the_platforms_key(db: None, fake: FakeProvider) -> None:
    row = GlobalAIProvider(name="Platform", provider_type="openai", config={"base_url": fake.url, "models": ["fake"]})
    provider = save_provider(by=SYSTEM, provider=row, api_key=KEY)
    result = try_platform_provider(by=SYSTEM, provider=provider)
    assert result.ok
    provider.refresh_from_db()
    assert (provider.last_check_ok, provider.last_check_detail) == (True, result.detail)
    line = AuditEvent.objects.get(action="platform_provider.test")
    assert (line.tenant_id, line.target_label) == (None, "Platform")


def test_the_platforms_unreadable_key_is_explained(db: None, fake: FakeProvider, settings: Settings) -> None:
    row = GlobalAIProvider(name="Platform", provider_type="openai", config={"base_url": fake.url})
    provider = save_provider(by=SYSTEM, provider=row, api_key=KEY)
    settings.KEY_ENCRYPTION_KEYS = ["another-" + "k" * 40]
    assert try_platform_provider(by=SYSTEM, provider=provider).code == "provider_misconfigured"


def test_a_provider_deleted_while_it_is_tried_is_no_error(in_acme: Tenant, fake: FakeProvider) -> None:
    provider = make(fake, "fake", is_default=False)
    with transaction.atomic():
        TenantAIProvider.objects.filter(pk=provider.pk).delete()
    assert services.test_connection(by=SYSTEM, provider=provider).ok
    assert not TenantAIProvider.objects.filter(pk=provider.pk).exists()


def test_stream_options_are_left_out_for_a_server_that_rejects_them(in_acme: Tenant, fake: FakeProvider) -> None:
    config = {"base_url": fake.url, "models": ["fake"], "stream_options": False}
    provider = make(fake, kind="openai_compatible", config=config)
    assert services.test_connection(by=SYSTEM, provider=provider).ok
    assert "stream_options" not in fake.stats()["last_body"]


def test_a_misconfigured_provider_has_no_adapter(in_acme: Tenant) -> None:
    provider = services.create_provider(by=SYSTEM, name="No key", provider_type="openai")
    with pytest.raises(ProviderMisconfigured):
        services.access_to(provider).adapter()
