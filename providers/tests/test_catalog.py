"""Tests of the platform's own providers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from providers import services as tenant_services
from providers.catalog import selectors, services
from providers.catalog.models import GlobalAIProvider
from providers.catalog.seeding import seed
from providers.enums import Availability
from providers.exceptions import ProviderSettingsError
from tenants.models import AuditEvent, Tenant
from tenants.types import SYSTEM

# The statements of the product's owner, letter by letter
INSERT = (
    "INSERT INTO global_ai_providers (id, name, provider_type, config, is_active, is_default) VALUES "
    "(gen_random_uuid(), 'OpenAI', 'openai', "
    """'{"base_url": "https://api.openai.com", "models": ["gpt-3.5-turbo", "gpt-4"]}', true, true), """
    "(gen_random_uuid(), 'Anthropic', 'anthropic', "
    """'{"base_url": "https://api.anthropic.com", "models": ["claude-3-sonnet"]}', true, false);"""
)
COUNT = "SELECT COUNT(*) FROM tenants;"
KEY = "sk-proj-4f1b2c3d4e5f6g7h"
OTHER_KEY = "sk-proj-9z8y7x6w5v4u3t2s"


def run(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def make(**values: Any) -> GlobalAIProvider:
    api_key = values.pop("api_key", "")
    row = GlobalAIProvider(**{"name": "Platform", "provider_type": "openai", **values})
    return services.save_provider(by=SYSTEM, provider=row, api_key=api_key)


def test_the_owners_own_sql_works_as_written_twice_and_its_rows_can_be_used(in_acme: Tenant) -> None:
    run(INSERT)
    run(INSERT)
    found = selectors.available_to(in_acme.id)
    assert [provider.name for provider in found].count("OpenAI") == 2
    for provider in found:
        lent = tenant_services.use_global(by=SYSTEM, global_id=provider.id, name=str(provider.id))
        assert [model.id for model in tenant_services.models_of(lent)] == provider.config["models"]
        assert tenant_services.config_for(lent).base_url == provider.config["base_url"]
        services.save_provider(by=SYSTEM, provider=provider, api_key=KEY)
        assert tenant_services.access_to(lent).adapter().describe("x").id == "x"


def test_the_owners_rows_reach_the_vendors_real_addresses(in_acme: Tenant) -> None:
    run(INSERT)
    urls = {}
    for provider in selectors.available_to(in_acme.id):
        services.save_provider(by=SYSTEM, provider=provider, api_key=KEY)
        adapter: Any = selectors.platform_access(provider).adapter()
        urls[provider.name] = adapter._base_url
    assert urls == {"OpenAI": "https://api.openai.com/v1", "Anthropic": "https://api.anthropic.com"}


def test_tenants_can_be_counted_by_plain_sql(acme: Tenant) -> None:
    assert run(COUNT) == (Tenant.objects.count(),)


def test_seeding_adds_the_vendors_and_the_builtin_provider_once(db: None, settings: Settings) -> None:
    settings.PLATFORM_PROVIDER_KEYS = {"openai": "", "anthropic": ""}
    GlobalAIProvider.objects.all().delete()
    assert len(seed()) == 3
    assert seed() == ["Nothing to do: the providers are there, their keys are up to date."]
    rows = GlobalAIProvider.objects.order_by("id").values_list("name", "provider_type", "is_default", "encrypted_key")
    assert list(rows) == [
        ("OpenAI", "openai", True, ""),
        ("Anthropic", "anthropic", False, ""),
        ("Built-in (no key)", "local", False, ""),
    ]


def test_seeding_beside_the_owners_rows_adds_only_what_is_missing(db: None) -> None:
    GlobalAIProvider.objects.all().delete()
    run(INSERT)
    seed()
    assert GlobalAIProvider.objects.count() == 3
    assert GlobalAIProvider.objects.filter(is_default=True).count() == 1


def test_seeding_stores_the_environments_keys_and_follows_their_change(db: None, settings: Settings) -> None:
    GlobalAIProvider.objects.all().delete()
    settings.PLATFORM_PROVIDER_KEYS = {"openai": KEY, "anthropic": ""}
    said = "\n".join(seed())
    openai = GlobalAIProvider.objects.get(provider_type="openai")
    assert selectors.platform_access(openai).config.api_key == KEY
    assert KEY not in said
    before = openai.encrypted_key
    seed()
    openai.refresh_from_db()
    assert openai.encrypted_key == before
    settings.PLATFORM_PROVIDER_KEYS = {"openai": OTHER_KEY, "anthropic": ""}
    seed()
    openai.refresh_from_db()
    assert selectors.platform_access(openai).config.api_key == OTHER_KEY


def test_an_unset_key_leaves_what_staff_entered(db: None, settings: Settings) -> None:
    GlobalAIProvider.objects.all().delete()
    settings.PLATFORM_PROVIDER_KEYS = {"openai": "", "anthropic": ""}
    make(api_key=KEY)
    seed()
    assert selectors.platform_access(GlobalAIProvider.objects.get(provider_type="openai")).config.api_key == KEY


def test_seeding_stores_a_key_anew_when_the_old_one_cannot_be_read(db: None, settings: Settings) -> None:
    GlobalAIProvider.objects.all().delete()
    settings.PLATFORM_PROVIDER_KEYS = {"openai": KEY, "anthropic": ""}
    seed()
    settings.KEY_ENCRYPTION_KEYS = ["another-" + "k" * 40]
    seed()
    assert selectors.platform_access(GlobalAIProvider.objects.get(provider_type="openai")).config.api_key == KEY


def test_the_command_says_what_it_did_without_a_key(db: None, settings: Settings) -> None:
    settings.PLATFORM_PROVIDER_KEYS = {"openai": KEY, "anthropic": ""}
    out = io.StringIO()
    call_command("seed_providers", stdout=out)
    assert "OpenAI: key from the environment stored (…6g7h)" in out.getvalue()
    assert KEY not in out.getvalue()


def test_a_new_default_takes_the_place_of_the_old_one(db: None) -> None:
    first, second = make(name="First", is_default=True), make(name="Second", is_default=True)
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)


def test_the_default_comes_first_among_what_is_available(acme: Tenant) -> None:
    GlobalAIProvider.objects.all().delete()
    make(name="Default", is_default=True)
    make(name="Newer")
    make(name="Off", is_active=False)
    make(name="Not for us", availability=Availability.SELECTED)
    assert [provider.name for provider in selectors.available_to(acme.id)] == ["Default", "Newer"]


def test_a_selected_provider_is_there_for_its_tenants_once(acme: Tenant, globex: Tenant) -> None:
    GlobalAIProvider.objects.all().delete()
    row = GlobalAIProvider(name="Picked", provider_type="openai", availability=Availability.SELECTED)
    services.save_provider(by=SYSTEM, provider=row, allowed_tenants=[acme, globex])
    assert [provider.name for provider in selectors.available_to(acme.id)] == ["Picked"]


def test_a_platform_key_does_not_follow_to_a_new_address_or_vendor(db: None) -> None:
    provider = make(api_key=KEY)
    for change in ({"config": {"base_url": "https://elsewhere.example"}}, {"provider_type": "anthropic"}):
        changed = GlobalAIProvider.objects.get(pk=provider.pk)
        for name, value in change.items():
            setattr(changed, name, value)
        with pytest.raises(ProviderSettingsError, match="enter the key again"):
            services.save_provider(by=SYSTEM, provider=changed)
    assert GlobalAIProvider.objects.get(pk=provider.pk).config == {}


def test_no_audit_line_of_the_catalogue_holds_a_key(db: None) -> None:
    provider = make(api_key=KEY)
    services.save_provider(by=SYSTEM, provider=provider, api_key=OTHER_KEY)
    services.delete_provider(by=SYSTEM, provider=provider)
    lines = AuditEvent.objects.filter(action__startswith="platform_provider.").order_by("id")
    assert [line.action.partition(".")[2] for line in lines] == ["create", "update", "delete"]
    assert not any(part in str(vars(line)) for line in lines for part in (KEY[8:], OTHER_KEY[8:]))
