"""A field of texts, one on each line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class LinesField(forms.CharField):
    """Several short texts in one box, a line each; empty lines do not count."""

    widget = forms.Textarea

    def __init__(self, *, most: int, longest: int, **options: Any) -> None:
        # Room for the most lines of the longest kind, with both ends of lines and blanks around.
        super().__init__(max_length=2 * most * (longest + 2), **options)
        self._most = most
        self._longest = longest

    def clean(self, value: Any) -> list[str]:
        """Return the lines."""
        text: str = super().clean(value)
        lines = [" ".join(line.split()) for line in text.splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > self._most:
            raise ValidationError(_("Write at most %(n)s lines."), params={"n": self._most})
        for number, line in enumerate(lines, 1):
            if len(line) > self._longest:
                values = {"line": number, "n": self._longest}
                raise ValidationError(_("Line %(line)s is longer than %(n)s characters."), params=values)
        return lines

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list) else value
