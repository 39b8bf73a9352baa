"""Renders every form of the pages with the product's own parts instead of Django's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from chatcms.core.text.decimals import plain
from chatcms.core.text.safety import seen


class PartsRenderer(TemplatesSetting):
    """A field is `components/field.html`, a whole form `components/form.html`."""

    field_template_name = "components/field.html"
    form_template_name = "components/form.html"


class TextField(forms.CharField):
    """A text of people's own; one of which nothing can be seen is as blank as an empty one."""

    def to_python(self, value: Any) -> str | None:
        """Return the text; "" where there is nothing in it to see."""
        text: str | None = super().to_python(value)
        return text if text and seen(text) else self.empty_value


class DateInput(forms.DateInput):
    """The browser's own calendar: it wants ISO 8601 in every language, and shows the reader's."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DecimalInput(forms.NumberInput):
    """The browser's own field of a number: it wants digits and a point in every language, and no exponent."""

    def format_value(self, value: Any) -> str | None:
        """Return the value without an exponent and without zeros that say nothing; what was typed stays as it is."""
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, Decimal) and value.is_finite():
            shown = plain(value)
            return shown.rstrip("0").rstrip(".") if "." in shown else shown
        shown_as_typed: str | None = super().format_value(value)
        return shown_as_typed


# Longer than any name there is.
MAX_NAME = 255


class TypedNameForm(forms.Form):
    """Says whether the name of what is about to be lost was typed as it is (`components/confirm.html`)."""

    typed = forms.CharField(strip=True, max_length=MAX_NAME)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name

    def clean_typed(self) -> str:
        """Compare."""
        typed: str = self.cleaned_data["typed"]
        if typed != self._name.strip():
            raise forms.ValidationError(_("This is not the name. Type it exactly as it is shown."), code="other_name")
        return typed
