"""Forms of the pages about a tenant: its members, look and retention."""

from __future__ import annotations

import zoneinfo
from functools import cache

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chatcms.core.exceptions import AppError
from chatcms.core.pages.forms import TextField
from chatcms.core.pages.refusals import refusal
from tenants.enums import LeftKeys, Role
from tenants.services.logos import CONTENT_TYPES, MAX_LOGO_BYTES, extension_of
from tenants.services.settings import MAX_RETENTION_DAYS


class InvitationForm(forms.Form):
    """Who is invited, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """What a member may do."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class LeftKeysForm(forms.Form):
    """What becomes of the keys of a member who goes, or may make none any more."""

    keys = forms.ChoiceField(
        label=_("Keys that they made"),
        choices=LeftKeys.choices,
        initial=LeftKeys.REVOKE,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Whoever made a key may have kept its text."),
    )

    def clean_keys(self) -> LeftKeys:
        """Without an answer they are revoked."""
        return LeftKeys(self.cleaned_data["keys"] or LeftKeys.REVOKE)


@cache
def time_zones() -> list[tuple[str, str]]:
    """All time zones by name, for a choice."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class BrandingForm(forms.Form):
    """How a tenant looks, and in which language and time zone it works."""

    name = TextField(label=_("Name"), max_length=100)
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
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(CONTENT_TYPES.values())}),
        help_text=_("PNG, JPEG or WebP, at most 256 KB, best as a square. It takes the place of the one before."),
    )

    def clean_logo(self) -> bytes | None:
        """Read the picture, as far as one may go on, and see whether it is one; None if none was sent."""
        file = self.cleaned_data["logo"]
        if not file:
            return None
        content: bytes = file.read(MAX_LOGO_BYTES + 1)
        try:
            extension_of(content)
        except AppError as error:
            raise forms.ValidationError(refusal(error), code=error.code) from error
        return content


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
