"""What a tenant asks of whoever comes in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SecurityForm(forms.Form):
    """Second factors for members, and approval for the platform's staff."""

    require_second_factor = forms.BooleanField(
        label=_("Members need a second factor"),
        required=False,
        help_text=_("An authenticator app or a passkey. Who has none is led to adding one before anything opens."),
    )
    approve_staff_access = forms.BooleanField(
        label=_("The platform's staff wait until an owner lets them in"),
        required=False,
        help_text=_("Otherwise they come in at once when they need to, and owners get a mail. You see it here always."),
    )
