"""The platform's providers in Django's admin; keys go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from providers.catalog import services
from providers.catalog.models import GlobalAIProvider
from providers.exceptions import ProviderSettingsError
from providers.keys import MAX_KEY
from providers.timeout_fields import TIMEOUT_FIELDS, TimeoutsForm, initial_timeouts
from tenants.types import Actor

if TYPE_CHECKING:
    ProviderModelForm = forms.ModelForm[GlobalAIProvider]
    ProviderModelAdmin = admin.ModelAdmin[GlobalAIProvider]
else:  # neither can be subscripted when the program runs
    ProviderModelForm = forms.ModelForm
    ProviderModelAdmin = admin.ModelAdmin


_FIELDS = {
    "/api_key": "api_key",
    **{f"/config/timeouts/{name}": field for name, field in TIMEOUT_FIELDS.items()},
}


class GlobalAIProviderForm(ProviderModelForm, TimeoutsForm):
    """A platform provider, with a key field that is always empty when shown; its timeouts have fields of their own."""

    api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=MAX_KEY,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text="Stored encrypted and never shown again. Leave empty to keep the one that is stored.",
    )

    class Meta:
        model = GlobalAIProvider
        fields = [
            "name",
            "provider_type",
            "config",
            "is_active",
            "is_default",
            "availability",
            "allowed_tenants",
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        """Show the timeouts in their fields, and the rest of the config as it is."""
        super().__init__(*args, **options)
        config = self.instance.settings
        self.initial.update(initial_timeouts(config))
        if "config" in self.initial:
            self.initial["config"] = {name: value for name, value in config.items() if name != "timeouts"}

    def clean(self) -> dict[str, Any]:
        """Check the config and the key as the service will."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        if (timeouts := self.timeouts()) and isinstance(values["config"], dict):
            values["config"] = {**values["config"], "timeouts": timeouts}
        stored = GlobalAIProvider.objects.filter(pk=self.instance.pk).first()
        try:
            services.check_change(
                stored,
                provider_type=values["provider_type"],
                config=values["config"],
                api_key=values["api_key"],
            )
        except ProviderSettingsError as error:
            self.add_error(_FIELDS.get(error.pointer, "config"), error.detail)
        return values


@admin.register(GlobalAIProvider)
class GlobalAIProviderAdmin(ProviderModelAdmin):
    """Add, change, try and delete the platform's providers; every act is a use-case of the catalogue."""

    form = GlobalAIProviderForm
    list_display = [
        "name",
        "provider_type",
        "shown_key",
        "is_active",
        "is_default",
        "availability",
        "last_check",
    ]
    list_filter = ["provider_type", "is_active", "availability"]
    search_fields = ["name"]
    readonly_fields = ["shown_key", "last_checked_at", "last_check", "created_at", "updated_at"]
    filter_horizontal = ["allowed_tenants"]
    actions = ["test_connections"]
    fieldsets = [
        (None, {"fields": ["name", "provider_type", "config"]}),
        ("How long it is waited for", {"fields": [*TIMEOUT_FIELDS.values()]}),
        ("Key", {"fields": ["shown_key", "api_key"]}),
        ("Who may use it", {"fields": ["is_active", "is_default", "availability", "allowed_tenants"]}),
        ("Last test", {"fields": ["last_checked_at", "last_check", "created_at", "updated_at"]}),
    ]

    @admin.display(description="Stored key")
    def shown_key(self, provider: GlobalAIProvider) -> str:
        """The last four characters of the key, or that there is none."""
        return f"•••• {provider.key_last_four}" if provider.has_key else "none"

    @admin.display(description="Last test")
    def last_check(self, provider: GlobalAIProvider) -> str:
        """How the last real call went, in words."""
        if provider.last_check_ok is None:
            return "not tested yet"
        return f"{'works' if provider.last_check_ok else 'fails'}: {provider.last_check_detail}"

    @admin.action(description="Test the connection", permissions=["change"])
    def test_connections(self, request: HttpRequest, queryset: QuerySet[GlobalAIProvider]) -> None:
        """Make a real call with each and show what came of it."""
        for provider in queryset:
            result = services.test_connection(by=_staff(request), provider=provider)
            level = messages.SUCCESS if result.ok else messages.ERROR
            self.message_user(request, f"{provider.name}: {result.detail}", level)

    def save_model(self, request: HttpRequest, obj: GlobalAIProvider, form: Any, change: bool) -> None:
        """Store through the service."""
        services.save_provider(by=_staff(request), provider=obj, api_key=form.cleaned_data["api_key"])

    def delete_model(self, request: HttpRequest, obj: GlobalAIProvider) -> None:
        """Delete through the service."""
        services.delete_provider(by=_staff(request), provider=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[GlobalAIProvider]) -> None:
        """Delete each through the service."""
        for provider in queryset:
            services.delete_provider(by=_staff(request), provider=provider)


def _staff(request: HttpRequest) -> Actor:
    return Actor(type="staff", id=request.user.pk, label=request.user.get_username())
