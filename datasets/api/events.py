"""Shapes of the events that webhooks are sent about documents."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers
from chatcms.webhooks.api.events import told
from chatcms.webhooks.enums import EventType
from datasets.enums import DocumentSource


class _DocumentDataSerializer(serializers.Serializer[Any]):
    """Which document it is."""

    document_id = serializers.UUIDField(help_text="The document.")
    dataset_id = serializers.UUIDField(help_text="The dataset that it is in.")
    name = serializers.CharField(help_text="What it is called.")
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field
        choices=DocumentSource.choices, help_text="How it came here."
    )
    source_url = serializers.CharField(allow_blank=True, help_text="Where it was fetched from; empty unless it was.")
    version = serializers.IntegerField(help_text="How often it has had other content; 0 while it never could be read.")


class DocumentReadyDataSerializer(_DocumentDataSerializer):
    """A document that can be answered from."""

    chunk_count = serializers.IntegerField(help_text="How many chunks it has.")
    page_count = serializers.IntegerField(
        allow_null=True, help_text="How many pages it has; null where there are none."
    )
    language = serializers.CharField(
        allow_blank=True, help_text="The language that it was told to be in, as a code such as `de`; may be empty."
    )
    ready_at = serializers.DateTimeField(allow_null=True, help_text="Since when it can be answered from.")


class DocumentErrorSerializer(serializers.Serializer[Any]):
    """Why a document could not be read."""

    code = serializers.CharField(help_text="Stable; decide by this one.")
    detail = serializers.CharField(help_text="A sentence fit for whoever uploaded it.")


class DocumentFailedDataSerializer(_DocumentDataSerializer):
    """A document that could not be read; with a `version` above 0 its earlier content goes on answering."""

    error = DocumentErrorSerializer(help_text="Why it could not be read.")


EVENTS = [
    told(
        EventType.DOCUMENT_READY,
        DocumentReadyDataSerializer,
        when="A document can be answered from, for the first time or anew.",
    ),
    told(EventType.DOCUMENT_FAILED, DocumentFailedDataSerializer, when="A document could not be read."),
]
