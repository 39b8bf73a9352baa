"""What the dashboard tells of providers, as parts of one query."""

from __future__ import annotations

from django.db.models import Exists

from providers.enums import ProviderType
from providers.models import TenantAIProvider


def any_vendor() -> Exists:
    """Whether a provider beside the built-in one is in use."""
    return Exists(TenantAIProvider.objects.active().exclude(provider_type=ProviderType.LOCAL))
