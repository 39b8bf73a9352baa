"""Stands in for `rest_framework.serializers` everywhere, with fields that take only what the schema says."""

from __future__ import annotations

from typing import TypeVar

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

from chatcms.core.exceptions import InvalidInputError
from chatcms.core.strictfields import (
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

__all__ = [
    "BooleanField",
    "CharField",
    "ChoiceField",
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


class ModelSerializer(lax.ModelSerializer[Row]):
    """As DRF's, with the strict fields."""

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
