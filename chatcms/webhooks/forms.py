"""Forms of the pages about webhooks."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chatcms.webhooks.enums import LISTENED, EventType

# Pings are sent to whoever asks for one, and need no listening.
HEARD = [(kind, label) for kind, label in LISTENED if kind != EventType.PING]


class WebhookForm(forms.Form):
    """Where to send which events."""

    url = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/chat-events", "inputmode": "url"}),
        help_text=_("It gets a signed POST for each event, and is tried for about twenty hours while it is away."),
    )
    description = forms.CharField(label=_("Description"), max_length=200, required=False)
    events = forms.MultipleChoiceField(label=_("Events"), choices=HEARD, widget=forms.CheckboxSelectMultiple)


class WebhookSettingsForm(WebhookForm):
    """The same for a webhook that is there."""

    is_active = forms.BooleanField(
        label=_("Send to it"),
        required=False,
        help_text=_("Switched off, it is told of nothing that happens meanwhile."),
    )
