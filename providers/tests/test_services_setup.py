"""Tests of adding, changing and deleting a tenant's providers."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from providers import services, usages
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.enums import Availability, ProviderType
from providers.exceptions import (
    NoSuchProviderError,
    ProviderInUseError,
    ProviderIsDefaultError,
    ProviderMisconfigured,
    ProviderNameTakenError,
    ProviderSettingsError,
)
from providers.models import TenantAIProvider
from providers.selectors import provider_by_id
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

KEY = "sk-proj-4f1b2c3d4e5f6g7h"
OTHER_KEY = "sk-proj-9z8y7x6w5v4u3t2s"
SERVER = {"base_url": "https://llm.example.com/v1"}


def make(**values: Any) -> TenantAIProvider:
    return services.create_provider(**{"by": SYSTEM, "name": "Mine", "provider_type": "openai", **values})


def lent(**values: Any) -> GlobalAIProvider:
    row = GlobalAIProvider(**{"name": "Platform", "provider_type": "openai", **values})
    return save_provider(by=SYSTEM, provider=row, api_key=OTHER_KEY)


def test_a_new_tenant_has_the_builtin_provider_as_its_default(in_acme: Tenant) -> None:
    provider = services.default_provider()
    assert (provider.name, provider.provider_type, provider.is_default) == ("Built-in (no key)", "local", True)
    assert TenantAIProvider.objects.count() == 1


def test_preparing_a_tenant_twice_adds_nothing(in_acme: Tenant) -> None:
    services.prepare_tenant(in_acme)
    assert TenantAIProvider.objects.count() == 1


def test_a_tenant_made_when_the_platform_has_a_key_begins_with_the_platforms_default(db: None) -> None:
    platform = lent(is_default=True)
    tenant = factories.make_tenant("newcomer")
    with tenant_scope(tenant):
        assert services.default_provider().global_provider_id == platform.id
        assert TenantAIProvider.objects.filter(provider_type="local", is_default=False).count() == 1
        services.prepare_tenant(tenant)
        assert TenantAIProvider.objects.count() == 2


def test_a_key_is_stored_encrypted_and_read_back_for_use(in_acme: Tenant) -> None:
    provider = make(api_key=f" {KEY}\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM tenant_ai_providers p WHERE id = %s", [provider.id])
        stored = cursor.fetchone()[0]
    assert KEY not in stored
    assert provider.key_last_four == "6g7h"
    assert services.config_for(provider).api_key == KEY


def test_a_row_copied_to_another_tenant_does_not_give_its_key_away(acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(acme):
        provider = make(api_key=KEY)
    with tenant_scope(globex):
        stolen = TenantAIProvider(id=provider.id, name="Stolen", provider_type="openai")
        stolen.encrypted_key = provider.encrypted_key
        stolen.save(force_insert=True)
        with pytest.raises(ProviderMisconfigured):
            services.config_for(stolen)


def test_no_audit_line_holds_a_key(in_acme: Tenant, by_owner: Actor) -> None:
    provider = make(by=by_owner, api_key=KEY)
    services.update_provider(by=by_owner, provider=provider, api_key=OTHER_KEY)
    services.set_default(by=by_owner, provider=TenantAIProvider.objects.get(provider_type="local"))
    services.delete_provider(by=by_owner, provider=provider)
    lines = AuditEvent.objects.filter(actor_id=by_owner.id, tenant_id=in_acme.id).order_by("id")
    assert [line.action for line in lines] == [
        "provider.create",
        "provider.update",
        "provider.update",
        "provider.delete",
    ]
    assert not any(part in str(vars(line)) for line in lines for part in (KEY[8:], OTHER_KEY[8:]))


@pytest.mark.parametrize("key", ["sk-with space", "sk-line\nbreak", "sk-ключ", "k" * 5000])
def test_what_cannot_be_a_key_is_refused_without_repeating_it(in_acme: Tenant, key: str) -> None:
    with pytest.raises(ProviderSettingsError) as caught:
        make(api_key=key)
    assert caught.value.pointer == "/api_key"
    assert key not in caught.value.detail


def test_the_first_provider_with_a_key_takes_over_from_the_builtin_one(in_acme: Tenant) -> None:
    assert not make(name="No key yet").is_default
    first = make(name="First", api_key=KEY)
    assert services.default_provider() == first
    assert not make(name="Second", api_key=KEY).is_default
    assert not make(name="Kept back", api_key=KEY, is_default=False).is_default


def test_saying_so_decides_about_the_default(in_acme: Tenant) -> None:
    assert not make(name="A", api_key=KEY, is_default=False).is_default
    chosen = make(name="B", is_default=True)
    assert services.default_provider() == chosen
    assert TenantAIProvider.objects.filter(is_default=True).count() == 1


def test_a_provider_is_made_the_default_and_takes_the_place_of_the_other(in_acme: Tenant) -> None:
    provider = services.set_default(by=SYSTEM, provider=make())
    assert provider.is_default
    assert services.default_provider() == provider


@pytest.mark.django_db(transaction=True)
def test_of_two_who_choose_a_default_at_once_one_wins_and_none_fails(acme: Tenant) -> None:
    with tenant_scope(acme):
        rows = [make(name=f"P{number}") for number in range(4)]
    barrier, errors = threading.Barrier(4), []

    def choose(row: TenantAIProvider) -> None:
        try:
            with tenant_scope(acme):
                barrier.wait(10)
                services.set_default(by=SYSTEM, provider=row)
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(acme):
        assert errors == []
        assert TenantAIProvider.objects.filter(is_default=True).count() == 1


def test_the_default_can_neither_go_nor_be_switched_off(in_acme: Tenant) -> None:
    provider = make(is_default=True)
    with pytest.raises(ProviderIsDefaultError):
        services.delete_provider(by=SYSTEM, provider=provider)
    with pytest.raises(ProviderIsDefaultError):
        services.update_provider(by=SYSTEM, provider=provider, is_active=False)
    with pytest.raises(ProviderIsDefaultError):
        services.update_provider(by=SYSTEM, provider=provider, is_default=False)


def test_a_provider_that_is_switched_off_can_neither_answer_nor_become_the_default(in_acme: Tenant) -> None:
    provider = services.update_provider(by=SYSTEM, provider=make(), is_active=False)
    with pytest.raises(ProviderMisconfigured, match="switched off"):
        services.resolve(provider.id)
    with pytest.raises(ProviderSettingsError):
        services.set_default(by=SYSTEM, provider=provider)


def test_without_a_default_the_builtin_provider_answers(in_acme: Tenant) -> None:
    TenantAIProvider.objects.update(is_default=False)
    make()
    assert services.resolve(None).provider_type == ProviderType.LOCAL
    TenantAIProvider.objects.filter(provider_type="local").delete()
    with pytest.raises(ProviderMisconfigured):
        services.resolve(None)


def test_two_providers_cannot_have_one_name(in_acme: Tenant) -> None:
    make()
    with pytest.raises(ProviderNameTakenError):
        make()
    other = make(name="Other")
    with pytest.raises(ProviderNameTakenError):
        services.update_provider(by=SYSTEM, provider=other, name="Mine")
    assert provider_by_id(other.id).name == "Other"


def test_what_is_not_sent_stays(in_acme: Tenant) -> None:
    provider = make(api_key=KEY, config={"models": ["gpt-4"]})
    changed = services.update_provider(by=SYSTEM, provider=provider, name="Renamed")
    assert (changed.name, changed.config, changed.key_last_four) == ("Renamed", {"models": ["gpt-4"]}, "6g7h")
    assert services.config_for(changed).api_key == KEY


def test_an_empty_key_keeps_the_stored_one_and_null_takes_it_out(in_acme: Tenant) -> None:
    provider = make(api_key=KEY)
    assert services.update_provider(by=SYSTEM, provider=provider, api_key="").has_key
    emptied = services.update_provider(by=SYSTEM, provider=provider, api_key=None)
    assert (emptied.has_key, emptied.key_last_four) == (False, "")


def test_a_stored_key_does_not_follow_to_a_new_address(in_acme: Tenant) -> None:
    provider = make(api_key=KEY)
    for config in (SERVER, {"base_url": "https://evil.example"}):
        with pytest.raises(ProviderSettingsError) as caught:
            services.update_provider(by=SYSTEM, provider=provider, config=config)
        assert caught.value.pointer == "/api_key"
    assert provider_by_id(provider.id).config == {}
    moved = services.update_provider(by=SYSTEM, provider=provider, config=SERVER, api_key=OTHER_KEY)
    assert services.config_for(moved).api_key == OTHER_KEY
    same_host = {"base_url": "https://llm.example.com/openai/v1"}
    assert services.update_provider(by=SYSTEM, provider=moved, config=same_host).has_key


def test_a_new_key_forgets_how_the_last_test_went(in_acme: Tenant) -> None:
    provider = make(api_key=KEY)
    TenantAIProvider.objects.filter(pk=provider.pk).update(last_check_ok=True, last_check_detail="Fine.")
    assert services.update_provider(by=SYSTEM, provider=provider, name="New").last_check_ok is True
    changed = services.update_provider(by=SYSTEM, provider=provider, api_key=OTHER_KEY)
    assert (changed.last_check_ok, changed.last_check_detail) == (None, "")


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:11434",
        "https://127.0.0.1",
        "https://10.0.0.8:8000/v1",
        "https://[::1]:8000",
        "https://169.254.169.254",
        "http://llm.example.com/v1",
    ],
)
def test_a_private_or_plain_address_is_refused_and_the_cure_is_named(in_acme: Tenant, base_url: str) -> None:
    with pytest.raises(ProviderSettingsError, match="EGRESS_PRIVATE_HOSTS=") as caught:
        make(provider_type="openai_compatible", config={"base_url": base_url})
    assert caught.value.pointer == "/config/base_url"


def test_a_private_address_that_the_operator_allows_is_taken(in_acme: Tenant, settings: Settings) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({"localhost:11434"})
    provider = make(provider_type="openai_compatible", config={"base_url": "http://localhost:11434"})
    assert services.config_for(provider).allow_private_hosts == {"localhost:11434"}


def test_a_server_of_ones_own_needs_an_address(in_acme: Tenant) -> None:
    with pytest.raises(ProviderSettingsError, match="address"):
        make(provider_type="openai_compatible")


def test_a_lent_provider_uses_the_platforms_key_and_address_only(in_acme: Tenant) -> None:
    platform = lent(config={"base_url": "https://platform.example", "models": ["gpt-4"]})
    provider = services.use_global(by=SYSTEM, global_id=platform.id)
    config = services.config_for(provider)
    assert (provider.name, provider.has_key) == ("Platform", False)
    assert (config.api_key, config.base_url) == (OTHER_KEY, "https://platform.example")
    assert [model.id for model in services.models_of(provider)] == ["gpt-4"]


def test_the_platforms_key_never_goes_to_an_address_of_the_tenants(in_acme: Tenant) -> None:
    platform = lent()
    with pytest.raises(ProviderSettingsError):
        services.use_global(by=SYSTEM, global_id=platform.id, config=SERVER)
    provider = services.use_global(by=SYSTEM, global_id=platform.id)
    with pytest.raises(ProviderSettingsError):
        services.update_provider(by=SYSTEM, provider=provider, config=SERVER)
    with pytest.raises(ProviderSettingsError):
        services.update_provider(by=SYSTEM, provider=provider, api_key=KEY)


def test_an_own_provider_never_gets_the_platforms_key(in_acme: Tenant, settings: Settings) -> None:
    settings.PLATFORM_PROVIDER_KEYS = {"openai": OTHER_KEY}
    lent()
    assert services.config_for(make(config=SERVER)).api_key == ""


def test_only_the_tenants_that_are_allowed_may_use_a_selected_provider(acme: Tenant, globex: Tenant) -> None:
    platform = lent(availability=Availability.SELECTED)
    platform.allowed_tenants.add(acme)
    with tenant_scope(globex), pytest.raises(ProviderSettingsError):
        services.use_global(by=SYSTEM, global_id=platform.id)
    with tenant_scope(acme):
        provider = services.use_global(by=SYSTEM, global_id=platform.id)
        assert services.config_for(provider).api_key == OTHER_KEY
        platform.allowed_tenants.clear()
        with pytest.raises(ProviderMisconfigured, match="does not lend"):
            services.config_for(provider)


def test_a_lent_provider_that_the_platform_takes_back_stops_working(in_acme: Tenant) -> None:
    platform = lent()
    provider = services.use_global(by=SYSTEM, global_id=platform.id)
    platform.delete()
    with pytest.raises(ProviderMisconfigured):
        services.config_for(provider)
    with pytest.raises(ProviderSettingsError):
        services.use_global(by=SYSTEM, global_id=uuid.uuid4())


def test_a_lent_provider_of_another_type_than_asked_for_is_refused(in_acme: Tenant) -> None:
    platform = lent()
    with pytest.raises(ProviderSettingsError) as caught:
        services.use_global(by=SYSTEM, global_id=platform.id, provider_type="anthropic")
    assert caught.value.pointer == "/provider_type"


def test_models_of_a_provider_without_a_key_are_known_all_the_same(in_acme: Tenant) -> None:
    models = services.models_of(make())
    assert "gpt-3.5-turbo" in [model.id for model in models]
    assert {model.kind for model in models} == {"chat", "embedding"}


def test_a_provider_in_use_is_not_deleted_and_its_users_are_named(
    in_acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = make()
    user = usages.Usage("bot", uuid.uuid4(), "Help desk")
    monkeypatch.setattr(usages, "_finders", [lambda given: [user] * 5 if given == provider.id else []])
    with pytest.raises(
        ProviderInUseError, match="bot “Help desk”, bot “Help desk”, bot “Help desk” and 2 more"
    ) as caught:
        services.delete_provider(by=SYSTEM, provider=provider)
    assert caught.value.extra["usages"][0] == {"type": "bot", "id": str(user.id), "name": "Help desk"}


def test_a_deleted_provider_is_gone(in_acme: Tenant) -> None:
    provider = make(api_key=KEY, is_default=False)
    services.delete_provider(by=SYSTEM, provider=provider)
    with pytest.raises(NoSuchProviderError):
        provider_by_id(provider.id)
    with pytest.raises(NoSuchProviderError):
        services.update_provider(by=SYSTEM, provider=provider, name="Ghost")


def test_a_provider_of_one_tenant_does_not_exist_in_another(acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(acme):
        provider = make(api_key=KEY)
    with tenant_scope(globex), pytest.raises(NoSuchProviderError):
        services.resolve(provider.id)
