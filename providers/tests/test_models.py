"""Tests of what the database itself holds providers to."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from providers.enums import ProviderType
from providers.models import TenantAIProvider
from providers.services import create_provider
from tenants.models import Tenant
from tenants.types import SYSTEM


def test_a_tenant_can_have_one_default_provider_only(in_acme: Tenant) -> None:
    assert TenantAIProvider.objects.filter(is_default=True).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        TenantAIProvider.objects.create(name="Two", provider_type=ProviderType.LOCAL, is_default=True)


def test_a_row_of_plain_sql_gets_every_default(in_acme: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenant_ai_providers (id, name, provider_type) VALUES (gen_random_uuid(), 'Plain', 'openai')"
        )
    row = TenantAIProvider.objects.get(name="Plain")
    assert (row.config, row.encrypted_key, row.is_active, row.is_default) == ({}, "", True, False)
    assert row.created_at is not None


def test_nothing_that_prints_a_provider_prints_its_key(in_acme: Tenant) -> None:
    provider = create_provider(
        by=SYSTEM, name="Mine", provider_type=ProviderType.OPENAI, api_key="sk-proj-4f1b2c3d4e5f6g7h"
    )
    printed = f"{provider} {provider!r} {provider.__dict__}"
    assert "4f1b2c3d" not in printed
    assert provider.encrypted_key not in f"{provider} {provider!r}"
