"""Tests of writing every stored secret anew with another encryption key, whichever app keeps it."""

from __future__ import annotations

import io
import re

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from pytest_django import Settings

from chatcms.core.db import sealing
from chatcms.webhooks.models import Webhook
from providers import services as provider_services
from providers.catalog import selectors
from providers.catalog import services as catalog
from providers.catalog.models import GlobalAIProvider
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Tenant
from tenants.services import rotation
from tenants.services import settings as tenant_settings
from tenants.types import SYSTEM

OLD, NEW = "old-" + "o" * 40, "new-" + "n" * 40
KEY, OTHER_KEY, SECRET = "sk-proj-4f1b2c3d4e5f6g7h", "sk-proj-9z8y7x6w5v4u3t2s", "whsec-1q2w3e4r5t6y7u8i"


def _rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue().strip()


def _webhook(tenant: Tenant) -> Webhook:
    hook = Webhook(url="https://acme.example/hook", secret_last_four=SECRET[-4:])
    hook.secret = sealing.encrypt(SECRET, purpose="webhook secret", context=f"{tenant.id}/{hook.pk}")
    hook.save()
    return hook


def test_rotation_renews_every_secret_of_the_platform_and_of_all_tenants(
    acme: Tenant, globex: Tenant, settings: Settings
) -> None:
    settings.KEY_ENCRYPTION_KEYS = [OLD]
    platform = catalog.save_provider(
        by=SYSTEM, provider=GlobalAIProvider(name="OpenAI", provider_type="openai"), api_key=KEY
    )
    visitor_secret = tenant_settings.make_identity_secret(by=SYSTEM, tenant=acme)
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            provider_services.create_provider(by=SYSTEM, name="Own", provider_type="openai", api_key=OTHER_KEY)
            _webhook(tenant)
    settings.KEY_ENCRYPTION_KEYS = [NEW, OLD]
    assert _rotate() == "6 secrets written anew, 0 were so already."
    assert _rotate() == "0 secrets written anew, 6 were so already."
    settings.KEY_ENCRYPTION_KEYS = [NEW]
    platform = GlobalAIProvider.objects.get(name="OpenAI")
    assert selectors.platform_access(platform).config.api_key == KEY
    assert tenant_settings.identity_secret_of(acme) == visitor_secret
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            own, hook = TenantAIProvider.objects.get(name="Own"), Webhook.objects.get()
            assert provider_services.config_for(own).api_key == OTHER_KEY
            bound_to = f"{tenant.id}/{hook.pk}"
            assert sealing.decrypt(hook.secret, purpose="webhook secret", context=bound_to) == SECRET


def test_rotation_names_what_it_cannot_read_and_leaves_it_alone(acme: Tenant, settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = ["lost-" + "l" * 40]
    with tenant_scope(acme):
        own = provider_services.create_provider(by=SYSTEM, name="Own", provider_type="openai", api_key=KEY)
    settings.KEY_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match="acme: Own"):
        _rotate()
    with tenant_scope(acme):
        assert TenantAIProvider.objects.get(name="Own").encrypted_key == own.encrypted_key


def test_rotation_is_on_record_without_any_secret(acme: Tenant, settings: Settings) -> None:
    secret = tenant_settings.make_identity_secret(by=SYSTEM, tenant=acme)
    settings.KEY_ENCRYPTION_KEYS = [NEW, *settings.KEY_ENCRYPTION_KEYS]
    rotation.rotate_secrets(by=SYSTEM)
    line = AuditEvent.objects.get(action="platform.rotate_secrets")
    assert line.detail == {"renewed": 1, "unreadable": []}
    assert secret not in str(vars(line))


def test_every_column_of_secrets_is_among_those_that_are_rotated() -> None:
    """Columns whose name says that they hold a secret; kept a day only are the answers of idempotent requests."""
    named = {
        (model, column.name)
        for model in apps.get_models()
        for column in model._meta.get_fields()
        if re.search(r"(\A|_)(encrypted|sealed|secret)(_|\Z)", column.name) and not column.name.endswith("last_four")
    }
    assert named
    assert named == {(sealed.model, sealed.name) for sealed in rotation._fields}
