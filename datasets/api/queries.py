"""What the lists of datasets, documents and chunks can be narrowed down to, checked."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from chatcms.core.api import serializers
from datasets.enums import DocumentSource, DocumentState


class DatasetQuery(serializers.Serializer[Any]):
    """Narrows down datasets."""

    search = serializers.CharField(max_length=200, required=False, help_text="Part of the name or description.")
    is_active = serializers.BooleanField(
        required=False, help_text="Only datasets that are switched on, or only those that are off."
    )


class DocumentQuery(serializers.Serializer[Any]):
    """Narrows down documents."""

    search = serializers.CharField(max_length=200, required=False, help_text="Part of the name or address.")
    state = serializers.ChoiceField(
        choices=DocumentState.choices, required=False, help_text="Only documents that have got so far."
    )
    source = serializers.ChoiceField(
        choices=DocumentSource.choices, required=False, help_text="Only documents that came so."
    )  # type: ignore[assignment]  # a field


class ChunkQuery(serializers.Serializer[Any]):
    """Narrows down chunks."""

    search = serializers.CharField(max_length=200, required=False, help_text="Part of the text or its headings.")
    is_active = serializers.BooleanField(
        required=False, help_text="Only chunks that are found, or only those that are switched off."
    )


class PairQuery(serializers.Serializer[Any]):
    """Narrows down questions with their answers."""

    search = serializers.CharField(max_length=200, required=False, help_text="Part of the question or answer.")
    is_indexed = serializers.BooleanField(required=False, help_text="Whether they are found as they are.")


def asked(query_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the checked query of a request."""
    return serializers.checked_query(query_class, request)
