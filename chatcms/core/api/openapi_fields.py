"""What fields of serializers say of themselves in the schema beyond what drf-spectacular finds out."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from chatcms.core.text.safety import PATTERN_OF_SEEN


class TextExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says of a text that is trimmed and must not be blank that it needs something to see."""

    target_class = "chatcms.core.api.strictfields.CharField"
    match_subclasses = False

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema of the field."""
        schema = _mapped(auto_schema, self.target, direction)
        # A validator that knows a form for the text says more, and is written down afterwards.
        has_form = any(isinstance(one, RegexValidator) for one in self.target.validators)
        if direction == "request" and self.target.trim_whitespace and not self.target.allow_blank and not has_form:
            schema.setdefault("pattern", PATTERN_OF_SEEN)
        return schema


class DecimalExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says of an exact number in a text which texts are one, and that it must not be negative where it must not."""

    target_class = "chatcms.core.api.strictfields.DecimalField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema of the field."""
        schema = _mapped(auto_schema, self.target, direction)
        if "pattern" in schema:
            whole, places = self.target.max_whole_digits, self.target.decimal_places
            sign = "" if self.target.min_value is not None and self.target.min_value >= 0 else "-?"
            schema["pattern"] = rf"^{sign}([0-9]{{1,{whole}}}(\.[0-9]{{0,{places}}})?|\.[0-9]{{1,{places}}})$"
        return schema


class ConstantExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says of a text that is always the same which one it is."""

    target_class = "chatcms.core.api.serializers.Constant"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema of the field."""
        return {"type": "string", "const": self.target.text}


class ListExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says of a list that must not be empty that it has one element at least."""

    target_class = "rest_framework.fields.ListField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema of the field."""
        schema = _mapped(auto_schema, self.target, direction)
        if not self.target.allow_empty:
            schema.setdefault("minItems", 1)
        return schema


class FileExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says of an uploaded file that must not be empty that it has one byte at least."""

    target_class = "rest_framework.fields.FileField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema of the field."""
        schema = _mapped(auto_schema, self.target, direction)
        if direction == "request" and not self.target.allow_empty_file:
            schema.setdefault("minLength", 1)
        return schema


def _mapped(auto_schema: Any, field: Any, direction: str) -> dict[str, Any]:
    schema: dict[str, Any] = auto_schema._map_serializer_field(field, direction, bypass_extensions=True)
    if isinstance(schema.get("type"), list):
        # Whoever asked adds null once more.
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    return schema
