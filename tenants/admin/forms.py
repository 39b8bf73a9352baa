"""Forms for making tenants and for acts that ask to be confirmed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime

from chatcms.core.pages.forms import TextField
from tenants.models import Plan, Tenant
from tenants.models.tenant import slug_validator


class MomentWidget(AdminSplitDateTime):
    """A day and a time of day, each named also for those who do not see the words beside them."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name


class NewTenantForm(forms.Form):
    """What a new tenant needs."""

    name = TextField(max_length=200)
    slug = forms.CharField(
        max_length=40, validators=[slug_validator], help_text="In the address: /t/<slug>/. It cannot be changed later."
    )
    owner_email = forms.EmailField(
        required=False,
        label="Owner's e-mail address",
        help_text="An unknown person gets an account; set its password under Users.",
    )
    plan = forms.ModelChoiceField(
        Plan.objects.all(), required=False, help_text="Left empty: the default plan, if there is one."
    )

    def clean_slug(self) -> str:
        """Say at once that a slug is taken."""
        slug = str(self.cleaned_data["slug"])
        if Tenant.objects.filter(slug=slug).exists():
            raise forms.ValidationError("Another tenant has this slug.", code="slug_taken")
        return slug


class ConfirmForm(forms.Form):
    """Nothing but the wish itself, with a reason."""

    reason = forms.CharField(max_length=500, required=False, help_text="Kept with the tenant and in the audit log.")


class ConfirmDeletionForm(forms.Form):
    """The slug, typed, so that nobody deletes a tenant by a slip."""

    slug = forms.CharField(max_length=40, help_text="Type the tenant's slug to confirm.")

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant

    def clean_slug(self) -> str:
        """It must be this tenant's."""
        slug = str(self.cleaned_data["slug"])
        if slug != self.tenant.slug:
            raise forms.ValidationError("This is not the slug of this tenant.", code="wrong_slug")
        return slug
