"""Stands in for `rest_framework.serializers` everywhere, with fields that take only what the schema says."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from rest_framework import serializers as lax
from rest_framework.serializers import (
    ChoiceField,
    DateField,
    DateTimeField,
    Field,
    FileField,
    IPAddressField,
    ListField,
    ListSerializer,
    MultipleChoiceField,
    PrimaryKeyRelatedField,
    ReadOnlyField,
    Serializer,
    SerializerMethodField,
    ValidationError,
    as_serializer_error,
)

from chatcms.core.api.strictfields import (
    BooleanField,
    CharField,
    DecimalField,
    DictField,
    EmailField,
    FloatField,
    IntegerField,
    JSONField,
    RegexField,
    SlugField,
    URLField,
    UUIDField,
    checked_body,
    checked_query,
)
from chatcms.core.exceptions import InvalidInputError

__all__ = [
    "BooleanField",
    "CharField",
    "ChoiceField",
    "Constant",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DictField",
    "EmailField",
    "Field",
    "FileField",
    "FloatField",
    "IPAddressField",
    "IntegerField",
    "JSONField",
    "ListField",
    "ListSerializer",
    "ModelSerializer",
    "MultipleChoiceField",
    "PrimaryKeyRelatedField",
    "ReadOnlyField",
    "RegexField",
    "Serializer",
    "SerializerMethodField",
    "SlugField",
    "URLField",
    "UUIDField",
    "ValidationError",
    "as_serializer_error",
    "checked_body",
    "checked_query",
    "unacceptable",
]

Row = TypeVar("Row", bound=models.Model)


def unacceptable(**fields: str) -> InvalidInputError:
    """Return the error to raise in `validate` when values that are each well formed do not go together (422)."""
    errors = [{"pointer": f"/{name}", "detail": detail, "code": "unacceptable"} for name, detail in fields.items()]
    return InvalidInputError(f"{errors[0]['pointer'][1:]}: {errors[0]['detail']}", errors=errors)


# What fields say that every table has.
_COMMON = {
    "id": "Its id; it never changes.",
    "created_at": "When it was made.",
    "updated_at": "When it was last changed.",
}


class Constant(lax.Field[str, str, str, Any]):
    """A text that is always the same, by which one kind of object is told from others."""

    def __init__(self, text: str, **options: Any) -> None:
        self.text = text
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text, whatever comes: nothing of the kind is sent to us."""
        return self.text

    def to_representation(self, value: Any) -> str:
        """Return the text."""
        return self.text


class ModelSerializer(lax.ModelSerializer[Row]):
    """As DRF's, with the strict fields; `Meta.help_texts` describes those that the model makes, as in Django's forms.

    A serializer adds to the descriptions of those that it is made from.
    """

    serializer_field_mapping = {
        **lax.ModelSerializer.serializer_field_mapping,
        models.BigIntegerField: IntegerField,
        models.BooleanField: BooleanField,
        models.CharField: CharField,
        models.DecimalField: DecimalField,
        models.EmailField: EmailField,
        models.FloatField: FloatField,
        models.IntegerField: IntegerField,
        models.JSONField: JSONField,
        models.PositiveBigIntegerField: IntegerField,
        models.PositiveIntegerField: IntegerField,
        models.PositiveSmallIntegerField: IntegerField,
        models.SlugField: SlugField,
        models.SmallIntegerField: IntegerField,
        models.TextField: CharField,
        models.URLField: URLField,
        models.UUIDField: UUIDField,
    }

    def get_extra_kwargs(self) -> dict[str, Any]:
        """Return the options of fields, with their descriptions."""
        options: dict[str, Any] = super().get_extra_kwargs()
        for name, text in self._help_texts().items():
            options[name] = {"help_text": text, **options.get(name, {})}
        return options

    @classmethod
    def _help_texts(cls) -> dict[str, str]:
        metas = [vars(one).get("Meta") for one in reversed(cls.__mro__)]
        texts = dict(_COMMON)
        for meta in metas:
            texts |= getattr(meta, "help_texts", {})
        return texts
