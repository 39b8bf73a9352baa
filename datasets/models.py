"""The tables of a tenant's knowledge: datasets, documents, chunks, and the two indexes over chunks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from pgvector.django import HalfVectorField

from chatcms.core.db.models import TimestampedModel, UUIDModel
from datasets.enums import DocumentSource, DocumentState

AUTO_LANGUAGE = "auto"
REF_BITS = 62


def ref_of(chunk_id: uuid.UUID) -> int:
    """Return the 62 random bits of a UUIDv7: half its size, which a posting list of millions feels."""
    return chunk_id.int & ((1 << REF_BITS) - 1)


class DatasetQuerySet(models.QuerySet["Dataset"]):
    """Selections of datasets."""

    def active(self) -> DatasetQuerySet:
        """Those that may be searched."""
        return self.filter(is_active=True)


class Dataset(TimestampedModel):
    """A body of documents that bots answer from, with how it is split, embedded and analysed.

    `chunk_count`, `term_total` and `languages` (chunks by their languages' names) are the statistics that
    BM25 needs; they change in the transaction that changes the chunks, so they are exact.
    """

    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=40, default=AUTO_LANGUAGE, db_default=AUTO_LANGUAGE)
    embedding_provider_id = models.UUIDField(null=True, blank=True)
    embedding_model = models.CharField(max_length=200, blank=True, default="", db_default="")
    chunk_tokens = models.PositiveSmallIntegerField(
        default=200, db_default=200, validators=[MinValueValidator(50), MaxValueValidator(1000)]
    )
    chunk_overlap = models.PositiveSmallIntegerField(default=40, db_default=40, validators=[MaxValueValidator(200)])
    chunk_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    term_total = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    languages = models.JSONField(default=dict, editable=False)
    is_active = models.BooleanField(default=True, db_default=True)
    created_by = models.UUIDField(null=True, editable=False)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        db_table = "datasets"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Document(TimestampedModel):
    """A file that was uploaded, fetched or written here, and how far its way into the dataset has got.

    One from the web has no file until it is fetched: `storage_key` is empty and `sha256` stands for its address.
    `version` counts the times its chunks were replaced; 0 means that it never was ready. `analysis_version` is
    `datasets.analysis.VERSION` of when its words were analysed. While it is read
    again, the chunks of the last good version go on answering. `notices` says what of the file could not be read:
    objects with `code`, `pages` and `what`, as `datasets.blocks.Notice` has them.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="documents", db_index=False)
    name = models.CharField(max_length=255)
    source = models.CharField(
        max_length=10, choices=DocumentSource, default=DocumentSource.UPLOAD, db_default=DocumentSource.UPLOAD
    )
    source_url = models.TextField(blank=True, default="", db_default="")
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=120)
    state = models.CharField(
        max_length=10, choices=DocumentState, default=DocumentState.QUEUED, db_default=DocumentState.QUEUED
    )
    progress_done = models.PositiveIntegerField(default=0, db_default=0)
    progress_total = models.PositiveIntegerField(default=0, db_default=0)
    error_code = models.CharField(max_length=60, blank=True, default="", db_default="")
    error_detail = models.TextField(blank=True, default="", db_default="")
    notices = models.JSONField(default=list, db_default=[], editable=False)
    page_count = models.PositiveIntegerField(null=True)
    chunk_count = models.PositiveIntegerField(default=0, db_default=0)
    term_total = models.PositiveBigIntegerField(default=0, db_default=0)
    language = models.CharField(max_length=40, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=0, db_default=0)
    analysis_version = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    uploaded_by = models.UUIDField(null=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "documents"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "sha256"], name="documents_one_per_content"),
        ]
        indexes = [models.Index(fields=["dataset", "-id"], name="documents_by_dataset")]

    def __str__(self) -> str:
        return self.name


class Chunk(UUIDModel):
    """A piece of a document's text with the place it came from; what is searched, cited and prompted.

    One that is switched off has neither vector nor postings, and is not in the dataset's statistics.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="chunks")
    ref = models.BigIntegerField(unique=True, editable=False)
    version = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    text = models.TextField()
    section = models.TextField(blank=True, default="", db_default="")
    page = models.PositiveIntegerField(null=True)
    token_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "chunks"
        ordering = ["document", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["document", "version", "seq"], name="chunks_one_per_place"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} #{self.seq}"

    @property
    def updated_at(self) -> datetime:
        """When it was last edited, else when its document was read, which its UUIDv7 tells."""
        return self.edited_at or datetime.fromtimestamp((self.id.int >> 80) / 1000, tz=UTC)


class QAPair(TimestampedModel):
    """A question with its answer, as people wrote them, in its dataset's one document of such pairs.

    Indexed, it is one chunk: the question as its section, the answer as its text. `question_key` is a digest of the
    question without case and double blanks. One that was changed since is found as it was until it is indexed again.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    question = models.TextField()
    answer = models.TextField()
    question_key = models.CharField(max_length=64)
    chunk = models.OneToOneField(Chunk, on_delete=models.SET_NULL, null=True, related_name="pair")
    is_indexed = models.BooleanField(default=False, db_default=False)
    created_by = models.UUIDField(null=True)

    class Meta:
        db_table = "qa_pairs"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "question_key"], name="qa_pairs_one_per_question"),
        ]
        indexes = [
            models.Index(fields=["document", "-id"], name="qa_pairs_by_document"),
            models.Index(fields=["document", "id"], condition=models.Q(is_indexed=False), name="qa_pairs_to_index"),
        ]

    def __str__(self) -> str:
        return self.question[:80]

    @property
    def state(self) -> str:
        """How far it has got: *ready* once it is found as it is, else *waiting*, or *failed* as its document."""
        if self.is_indexed:
            return "ready"
        return "failed" if self.document.state == DocumentState.FAILED else "waiting"


class ChunkVector(models.Model):
    """A chunk's embedding by one model; the width is the model's, so several models stand side by side."""

    pk = models.CompositePrimaryKey("chunk_id", "model_id")
    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="vectors", db_index=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+", db_index=False)
    model_id = models.CharField(max_length=255)
    embedding = HalfVectorField()

    class Meta:
        db_table = "chunk_vectors"
        indexes = [models.Index(fields=["dataset", "model_id"], name="chunk_vectors_by_dataset")]

    def __str__(self) -> str:
        return f"{self.chunk_id} by {self.model_id}"


class Posting(models.Model):
    """That a term occurs in a chunk: `tf` times among the chunk's `length` terms.

    `term` is a 64-bit hash of the dataset and the lexeme. Weights are worked out when a question is asked, so
    nothing here goes stale when other documents come and go.
    """

    pk = models.CompositePrimaryKey("term", "chunk_ref")
    term = models.BigIntegerField()
    chunk_ref = models.BigIntegerField()
    tf = models.SmallIntegerField()
    length = models.SmallIntegerField()

    class Meta:
        db_table = "chunk_terms"
        indexes = [models.Index(fields=["chunk_ref"], name="chunk_terms_by_chunk")]

    def __str__(self) -> str:
        return f"{self.term} in {self.chunk_ref}"
