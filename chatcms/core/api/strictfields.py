"""Serializer fields that take in JSON what the schema says and nothing else.

DRF's own take a number for a text, `"yes"` for true and `"5"` for 5, so that a client's mistake passes unseen and the
published schema is wrong. Forms and query strings, which know only texts, are read as ever.
"""

from __future__ import annotations

import math
import re
from typing import Any

from rest_framework import serializers as lax
from rest_framework.request import Request
from rest_framework.utils.html import is_html_input

from chatcms.core.text.safety import seen

_PLAIN_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class Texts(dict[str, Any]):
    """Values that were sent as texts, in a query string; what is missing is missing, and not false as in a form."""


def checked_query(query_class: type[lax.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the query of a request as `query_class` reads it; raises DRF's `ValidationError`."""
    query = query_class(data=Texts(request.query_params.dict()))
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def checked_body(body_class: type[lax.Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Return the body of a request as `body_class` reads it; raises DRF's `ValidationError`."""
    body = body_class(data=request.data, partial=partial)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _is_query(field: lax.Field[Any, Any, Any, Any]) -> bool:
    return isinstance(getattr(field.root, "initial_data", None), Texts)


def _is_form(field: lax.Field[Any, Any, Any, Any]) -> bool:
    return _is_query(field) or is_html_input(getattr(field.root, "initial_data", None))


def _is_number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


class _Text:
    """Takes a text only."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")  # type: ignore[attr-defined]
        return super().to_internal_value(data)  # type: ignore[misc]


class CharField(_Text, lax.CharField):
    """A text; where it is trimmed, one of which nothing can be seen is as blank as an empty one."""

    def run_validation(self, data: Any = lax.empty) -> Any:
        """Refuse, or take as "", a text without anything to see."""
        if self.trim_whitespace and isinstance(data, str) and not seen(data):
            data = ""
        return super().run_validation(data)


class EmailField(_Text, lax.EmailField):
    """An e-mail address."""


class RegexField(_Text, lax.RegexField):
    """A text of a certain form."""


class SlugField(_Text, lax.SlugField):
    """A text fit for an address."""


class URLField(_Text, lax.URLField):
    """An address on the web."""


class UUIDField(lax.UUIDField):
    """An id, as text."""

    def to_internal_value(self, data: Any) -> Any:
        """Take a text only: DRF makes an id of a number too."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class IntegerField(lax.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> Any:
        """Take a number without fraction; a text only from a form."""
        if not _is_form(self) and not (_is_number(data) and math.isfinite(data) and data == int(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class FloatField(lax.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> Any:
        """Take a number; a text only from a form."""
        if not _is_form(self) and not _is_number(data):
            self.fail("invalid")
        try:
            number = super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(number):
            self.fail("invalid")
        return number


class DecimalField(lax.DecimalField):
    """An exact number, as text unless it is shown as a number."""

    def to_internal_value(self, data: Any) -> Any:
        """Take a text of digits if texts are shown, else a number: neither `1e3` nor `NaN`."""
        as_text = getattr(self, "coerce_to_string", True)
        is_plain = isinstance(data, str) and _PLAIN_NUMBER.fullmatch(data)
        if not _is_form(self) and not (is_plain if as_text else _is_number(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(lax.BooleanField):
    """True or false."""

    def to_internal_value(self, data: Any) -> Any:
        """Take true and false, and null where it may be; other words for them only from a form."""
        if _is_query(self):
            data = {"true": True, "false": False}.get(data, data)
        if _is_query(self) and not isinstance(data, bool):
            self.fail("invalid", input=data)
        if not _is_form(self) and data is not None and not isinstance(data, bool):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class JSONField(lax.JSONField):
    """Any JSON that PostgreSQL can keep."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse what no database keeps: NUL, halves of characters, and numbers beyond all bounds."""
        _refuse_unstorable(data)
        return super().to_internal_value(data)


class DictField(lax.DictField):
    """An object whose names are free."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse names that no database keeps."""
        if isinstance(data, dict):
            _refuse_unstorable(dict.fromkeys(data))
        return super().to_internal_value(data)


def _refuse_unstorable(data: Any) -> None:
    if isinstance(data, str) and ("\x00" in data or any("\ud800" <= character <= "\udfff" for character in data)):
        raise lax.ValidationError("There are characters in it that cannot be stored.", code="unstorable")
    if isinstance(data, float) and not math.isfinite(data):
        raise lax.ValidationError("There is a number in it that cannot be stored.", code="unstorable")
    if isinstance(data, dict):
        for name, value in data.items():
            _refuse_unstorable(name)
            _refuse_unstorable(value)
    elif isinstance(data, list):
        for value in data:
            _refuse_unstorable(value)
