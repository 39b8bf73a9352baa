"""Forms of the pages about a tenant: its members, look and retention."""

from __future__ import annotations

import zoneinfo
from functools import cache

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenants.enums import Role
from tenants.services.settings import MAX_RETENTION_DAYS


class InvitationForm(forms.Form):
    """Who is invited, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """What a member may do."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


@cache
def time_zones() -> list[tuple[str, str]]:
    """All time zones by name, for a choice."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class BrandingForm(forms.Form):
    """How a tenant looks, and in which language and time zone it works."""

    name = forms.CharField(label=_("Name"), max_length=100)
    accent_color = forms.CharField(
        label=_("Accent colour"),
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Made lighter or darker where it could not be read."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, widget=forms.Select(attrs={"data-combo": ""})
    )
    website = forms.URLField(label=_("Website"), max_length=500, required=False, assume_scheme="https")
    support_email = forms.EmailField(label=_("Address for help"), required=False)


class RetentionForm(forms.Form):
    """How long conversations are kept."""

    retention_days = forms.IntegerField(
        label=_("Days"),
        required=False,
        min_value=1,
        max_value=MAX_RETENTION_DAYS,
        help_text=_("Empty: they are kept until somebody deletes them."),
    )


class DomainForm(forms.Form):
    """A domain of the tenant's own."""

    domain = forms.CharField(
        label=_("Domain"), max_length=253, widget=forms.TextInput(attrs={"placeholder": "chat.example.com"})
    )
