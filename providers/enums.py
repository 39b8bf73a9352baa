"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderType(models.TextChoices):
    """Which adapter speaks to a provider; each value is a kind of `providers.registry.ADAPTERS`."""

    OPENAI = "openai", "OpenAI"
    ANTHROPIC = "anthropic", "Anthropic"
    OPENAI_COMPATIBLE = "openai_compatible", _("OpenAI-compatible server")
    LOCAL = "local", _("Built-in, no key")


class Availability(models.TextChoices):
    """Which tenants may use a platform provider."""

    ALL = "all", "All tenants"
    SELECTED = "selected", "Selected tenants"
