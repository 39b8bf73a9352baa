"""The shapes of datasets, documents, chunks and searches, as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from datasets.enums import DocumentState
from datasets.models import Chunk, Dataset, Document


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset with the number of its documents by state."""

    document_count = serializers.IntegerField(read_only=True, default=0)
    ready_count = serializers.IntegerField(read_only=True, default=0)
    failed_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Dataset
        fields = [
            "id",
            "name",
            "description",
            "language",
            "chunk_tokens",
            "chunk_overlap",
            "chunk_count",
            "document_count",
            "ready_count",
            "failed_count",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["chunk_count"]


class NewDatasetSerializer(serializers.ModelSerializer[Dataset]):
    """What a new dataset is made from; how it is split is settled here, once."""

    class Meta:
        model = Dataset
        fields = ["name", "description", "language", "chunk_tokens", "chunk_overlap"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An overlap as long as the chunk would never come to an end."""
        tokens = attrs.get("chunk_tokens", Dataset._meta.get_field("chunk_tokens").default)
        overlap = attrs.get("chunk_overlap", Dataset._meta.get_field("chunk_overlap").default)
        if overlap * 2 > tokens:
            raise serializers.ValidationError({"chunk_overlap": "Use at most half of `chunk_tokens`."})
        return attrs


class DatasetChangeSerializer(serializers.ModelSerializer[Dataset]):
    """What can be changed of a dataset that has documents."""

    class Meta:
        model = Dataset
        fields = ["name", "description", "language", "is_active"]


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document with its state and, while it is worked on, its progress."""

    dataset_id = serializers.UUIDField(read_only=True)
    state = serializers.ChoiceField(choices=DocumentState.choices, read_only=True)

    class Meta:
        model = Document
        fields = [
            "id",
            "dataset_id",
            "name",
            "content_type",
            "size_bytes",
            "sha256",
            "state",
            "progress_done",
            "progress_total",
            "error_code",
            "error_detail",
            "page_count",
            "chunk_count",
            "language",
            "created_at",
            "updated_at",
            "ready_at",
        ]


class UploadSerializer(serializers.Serializer[Any]):
    """A file in a multipart form."""

    file = serializers.FileField(allow_empty_file=True, help_text="txt, md, html, pdf or docx")


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    """A piece of a document and where it stands in it."""

    class Meta:
        model = Chunk
        fields = ["id", "seq", "text", "section", "page", "token_count", "is_active"]


class SearchSerializer(serializers.Serializer[Any]):
    """A question to try on a dataset."""

    query = serializers.CharField(max_length=2000)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=8)


class PassageSerializer(serializers.Serializer[Any]):
    """A chunk that was found, with the ranks that brought it here."""

    chunk_id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    document_name = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)
    section = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    score = serializers.FloatField(help_text="Of the fusion; comparable within one answer only.")
    similarity = serializers.FloatField(allow_null=True, help_text="Cosine, where the meaning was compared.")
    dense_rank = serializers.IntegerField(allow_null=True)
    lexical_rank = serializers.IntegerField(allow_null=True)


class SearchResultSerializer(serializers.Serializer[Any]):
    """What a bot would be given for the question."""

    passages = PassageSerializer(many=True)
    has_evidence = serializers.BooleanField(help_text="Whether the passages are good enough to answer from.")
    top_similarity = serializers.FloatField(allow_null=True)
    degraded = serializers.CharField(allow_null=True, help_text="Why only words were compared, if so.")
