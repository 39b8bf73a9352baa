"""Forms of the pages about providers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chatcms.core.pages.forms import TextField
from providers.config import MAX_MODEL_NAME, MAX_MODELS, MAX_URL, listed_models
from providers.enums import ProviderType
from providers.keys import MAX_KEY
from providers.models import TenantAIProvider
from providers.timeout_fields import TimeoutsForm, initial_timeouts

# The built-in provider is there from the beginning and has nothing to set.
OWN_TYPES = [(kind.value, kind.label) for kind in ProviderType if kind != ProviderType.LOCAL]


class ProviderForm(TimeoutsForm):
    """How a provider is reached, and which of its models are offered to bots."""

    name = TextField(label=_("Name"), max_length=100)
    api_key = forms.CharField(
        label=_("API key"),
        max_length=MAX_KEY,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It is encrypted and never shown again."),
    )
    base_url = forms.CharField(
        label=_("Address"),
        max_length=MAX_URL,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://llm.example.com/v1", "inputmode": "url"}),
        help_text=_("Only for a server that is not the vendor's own: Ollama, vLLM, Azure, Groq and so on."),
    )
    models = forms.CharField(
        label=_("Models"),
        required=False,
        max_length=MAX_MODELS * (MAX_MODEL_NAME + 2),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line. Empty: the usual ones of the vendor."),
    )

    def clean_models(self) -> list[str]:
        """Return the names, each once."""
        names = [line.strip() for line in self.cleaned_data["models"].splitlines() if line.strip()]
        if len(names) > MAX_MODELS:
            raise forms.ValidationError(_("Name at most %(most)s models."), params={"most": MAX_MODELS})
        return list(dict.fromkeys(names))

    def config(self, before: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the config that the form means; what is known of a model that stays listed is kept."""
        config = dict(before or {})
        known = {entry["id"]: entry for entry in config.get("models", []) if isinstance(entry, dict) and "id" in entry}
        config["models"] = [known.get(name, name) for name in self.cleaned_data["models"]]
        config["base_url"] = self.cleaned_data["base_url"]
        config["timeouts"] = self.timeouts()
        return config


class NewProviderForm(ProviderForm):
    """A provider with a key of the tenant's own."""

    provider_type = forms.ChoiceField(label=_("Kind"), choices=OWN_TYPES)
    field_order = ("provider_type", "name", "api_key", "base_url", "models")


class ProviderSettingsForm(ProviderForm):
    """The same for a provider that is there."""

    is_active = forms.BooleanField(
        label=_("Bots may use it"), required=False, help_text=_("Switched off, bots that name it fall back or refuse.")
    )
    confirm = forms.BooleanField(label=_("Switch it off although it is used"), required=False)

    @classmethod
    def initial_of(cls, provider: TenantAIProvider) -> dict[str, Any]:
        """Return what the form shows of a provider; its key is not among it."""
        return {
            "name": provider.name,
            "base_url": provider.settings.get("base_url", ""),
            "models": "\n".join(listed_models(provider.settings)),
            "is_active": provider.is_active,
            **initial_timeouts(provider.settings),
        }
