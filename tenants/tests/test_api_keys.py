"""Tests of API keys."""

from __future__ import annotations

from tenants.models import Tenant
from tenants.services import api_keys


def test_a_key_leads_to_its_tenant(acme: Tenant, api_key: str) -> None:
    actor, tenant = api_keys.authenticate(api_key)
    assert tenant == acme
    assert actor.type == "api_key"
