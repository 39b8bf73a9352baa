"""The shapes of datasets, documents and chunks, as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from chatcms.core.api import serializers
from datasets import notices
from datasets.enums import Arrival, DocumentState, OnSameName
from datasets.models import Chunk, Dataset, Document, QAPair
from datasets.services.datasets import MAX_DESCRIPTION
from datasets.services.pairs import MAX_ANSWER, MAX_QUESTION

MAX_TEXT = 1_000_000
MAX_CHUNK = 20_000
MAX_PAGE = 1_000_000


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset with the number of its documents by state."""

    document_count = serializers.IntegerField(read_only=True, default=0, help_text="How many documents it has.")
    ready_count = serializers.IntegerField(
        read_only=True, default=0, help_text="How many of them can be answered from."
    )
    failed_count = serializers.IntegerField(read_only=True, default=0, help_text="How many of them could not be read.")

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
        help_texts = {
            "chunk_count": "How many chunks its documents have.",
            "chunk_overlap": "How many tokens of a chunk the next one begins with.",
            "chunk_tokens": "How long a chunk is at most, in tokens.",
            "description": "What it holds, in your own words; may be empty.",
            "is_active": "Whether bots find anything in it.",
            "language": "The language of its documents as a code such as `de`; empty: told from each document.",
            "name": "What it is called.",
        }


class NewDatasetSerializer(serializers.ModelSerializer[Dataset]):
    """What a new dataset is made from; how it is split is settled here, once."""

    class Meta:
        model = Dataset
        fields = ["name", "description", "language", "chunk_tokens", "chunk_overlap"]
        extra_kwargs = {"description": {"max_length": MAX_DESCRIPTION}}
        help_texts = {
            "chunk_overlap": "How many tokens of a chunk the next one begins with.",
            "chunk_tokens": "How long a chunk is at most, in tokens.",
            "description": "What it holds, in your own words; may be empty.",
            "language": "The language of its documents as a code such as `de`; empty: told from each document.",
            "name": "What it is called.",
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An overlap as long as the chunk would never come to an end."""
        tokens = attrs.get("chunk_tokens", Dataset._meta.get_field("chunk_tokens").default)
        overlap = attrs.get("chunk_overlap", Dataset._meta.get_field("chunk_overlap").default)
        if overlap * 2 > tokens:
            raise serializers.unacceptable(chunk_overlap="Use at most half of `chunk_tokens`.")
        return attrs


class DatasetChangeSerializer(serializers.ModelSerializer[Dataset]):
    """What can be changed of a dataset that has documents."""

    class Meta:
        model = Dataset
        fields = ["name", "description", "language", "is_active"]
        extra_kwargs = {"description": {"max_length": MAX_DESCRIPTION}}
        help_texts = {
            "description": "What it holds, in your own words; may be empty.",
            "is_active": "Whether bots find anything in it.",
            "language": "The language of its documents as a code such as `de`; empty: told from each document.",
            "name": "What it is called.",
        }


class DocumentNoticeSerializer(serializers.Serializer[Any]):
    """Something of a document that could not be read, although the rest of it could."""

    code = serializers.ChoiceField(choices=notices.CODES, help_text="What it is, in a word.")
    detail = serializers.CharField(max_length=1000, help_text="What it is and what to do about it, in a sentence.")
    pages = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_PAGE),
        max_length=notices.MOST_PAGES,
        help_text="The pages that it is about; empty where there are none.",
    )


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document with its state and, while it is worked on, its progress."""

    dataset_id = serializers.UUIDField(read_only=True, help_text="The dataset that it is in.")
    state = serializers.ChoiceField(
        choices=DocumentState.choices,
        read_only=True,
        help_text="How far it has got. From `queued` to `embedding` a worker has it, or will have it.",
    )
    notices = serializers.SerializerMethodField(help_text="What of it could not be read, although the rest could.")

    class Meta:
        model = Document
        fields = [
            "id",
            "dataset_id",
            "name",
            "source",
            "source_url",
            "content_type",
            "size_bytes",
            "sha256",
            "state",
            "progress_done",
            "progress_total",
            "error_code",
            "error_detail",
            "notices",
            "page_count",
            "chunk_count",
            "language",
            "created_at",
            "updated_at",
            "ready_at",
        ]
        extra_kwargs = {
            "sha256": {"help_text": "Of the file; for one from the web that is not fetched yet a mark of its address."},
            "chunk_count": {"help_text": "Those that can be found; switched off ones do not count."},
            "error_detail": {"help_text": "Why it failed and what to do about it."},
        }
        help_texts = {
            "content_type": "The kind of file, as a media type.",
            "error_code": "Why it could not be read, in a word; empty unless it failed.",
            "language": "The language that it was told to be in, as a code such as `de`; empty while that is unknown.",
            "name": "What it is called: the file's name, or the page's title.",
            "page_count": "How many pages it has; null where there are none.",
            "progress_done": "How much of the present step is done, of `progress_total`.",
            "progress_total": "How much there is to do in the present step; 0 while that is unknown.",
            "ready_at": "When it could last be answered from anew; null while it never could.",
            "size_bytes": "How large the file is, in bytes.",
            "source": "How it came here.",
            "source_url": "Where it was fetched from; empty unless it was.",
        }

    @extend_schema_field(DocumentNoticeSerializer(many=True))
    def get_notices(self, document: Document) -> list[dict[str, Any]]:
        """Return them in words."""
        return list(DocumentNoticeSerializer(notices.of(document), many=True).data)


class TakenInSerializer(DocumentSerializer):
    """The document that was sent, and what became of it, which the context holds as `arrival`."""

    arrival = serializers.SerializerMethodField(help_text="Whether the document is new.")

    class Meta(DocumentSerializer.Meta):
        fields = [*DocumentSerializer.Meta.fields, "arrival"]

    @extend_schema_field(serializers.ChoiceField(choices=Arrival.choices))
    def get_arrival(self, document: Document) -> str:
        """Return what became of it."""
        return str(self.context["arrival"])


def _on_same_name() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        choices=OnSameName.choices,
        required=False,
        help_text="What to do when the dataset has a file or text of that name; `replace` unless said.",
    )


class UploadSerializer(serializers.Serializer[Any]):
    """A file in a multipart form."""

    on_same_name = _on_same_name()

    file = serializers.FileField(
        allow_empty_file=True, help_text="txt, md, html, pdf or docx; what is in it decides which."
    )


class NewDocumentSerializer(serializers.Serializer[Any]):
    """A document without a file: either an address to fetch, or the text itself."""

    url = serializers.CharField(
        max_length=2000, required=False, help_text="A public https address of a page or file; it is fetched later."
    )
    text = serializers.CharField(
        max_length=MAX_TEXT,
        required=False,
        trim_whitespace=False,
        help_text="Markdown, or plain text when `name` ends with .txt.",
    )
    name = serializers.CharField(
        max_length=255, required=False, help_text="By default the page's title, or the text's first line."
    )
    on_same_name = _on_same_name()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """There is one place that a document comes from."""
        if ("url" in attrs) == ("text" in attrs):
            raise serializers.unacceptable(url="Send either `url` or `text`, or a `file` as multipart/form-data.")
        if "url" in attrs and "on_same_name" in attrs:
            raise serializers.unacceptable(on_same_name="Leave this out: an address is known again by itself.")
        return attrs


class DocumentChangeSerializer(serializers.Serializer[Any]):
    """What can be changed of a document: what it is called."""

    name = serializers.CharField(max_length=255, help_text="What it is to be called.")


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    """A piece of a document and where it stands in it."""

    document_id = serializers.UUIDField(read_only=True, help_text="The document that it is of.")
    dataset_id = serializers.UUIDField(read_only=True, help_text="The dataset of its document.")

    class Meta:
        model = Chunk
        fields = [
            "id",
            "document_id",
            "dataset_id",
            "seq",
            "text",
            "section",
            "page",
            "token_count",
            "is_active",
            "edited_at",
        ]
        help_texts = {
            "edited_at": "When somebody last changed its text; null if nobody has.",
            "is_active": "Whether it can be found.",
            "page": "The page of the document, counted from 1; null where there are none.",
            "section": "The heading that it is under; empty where there is none.",
            "seq": "Its place in the document; the first one is 0.",
            "text": "What it says.",
            "token_count": "How long it is, in tokens.",
        }


class PairSerializer(serializers.ModelSerializer[QAPair]):
    """A question with its answer, and whether it is found yet."""

    dataset_id = serializers.UUIDField(
        source="document.dataset_id", read_only=True, help_text="The dataset that it is in."
    )
    document_id = serializers.UUIDField(read_only=True, help_text="The document that holds it.")
    chunk_id = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="Null until it is indexed for the first time."
    )
    state = serializers.SerializerMethodField(
        help_text="`waiting` until it is indexed, `ready` then; or `failed`: its document's `error_detail` says why."
    )

    class Meta:
        model = QAPair
        fields = [
            "id", "dataset_id", "document_id", "question", "answer", "state", "chunk_id", "created_at", "updated_at",
        ]  # fmt: skip
        help_texts = {
            "answer": "The answer to it, in Markdown.",
            "question": "The question as people ask it.",
        }

    @extend_schema_field(serializers.ChoiceField(choices=["waiting", "ready", "failed"]))
    def get_state(self, pair: QAPair) -> str:
        """Return how far it has got."""
        return pair.state


class NewPairSerializer(serializers.Serializer[Any]):
    """A question with its answer."""

    question = serializers.CharField(max_length=MAX_QUESTION, help_text="The question as people ask it.")
    answer = serializers.CharField(max_length=MAX_ANSWER, help_text="The answer to it, in Markdown.")


class PairFileSerializer(serializers.Serializer[Any]):
    """A CSV file in a multipart form."""

    file = serializers.FileField(help_text="CSV with the columns `question` and `answer`, in any order.")


class TakenSerializer(serializers.Serializer[Any]):
    """What became of the pairs of a file."""

    added = serializers.IntegerField(help_text="How many pairs are new or changed.")
    changed = serializers.IntegerField(help_text="Whose question was there with another answer.")
    unchanged = serializers.IntegerField(help_text="How many there were already, word for word.")


class NewChunkSerializer(serializers.Serializer[Any]):
    """A chunk to add at the end of a document."""

    text = serializers.CharField(max_length=MAX_CHUNK, trim_whitespace=False, help_text="What it says.")
    section = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="The headings that it stands under."
    )
    page = serializers.IntegerField(
        min_value=1,
        max_value=MAX_PAGE,
        required=False,
        allow_null=True,
        default=None,
        help_text="The page of the document that it belongs to, counted from 1; null: none.",
    )


class ChunkChangeSerializer(serializers.Serializer[Any]):
    """What can be changed of a chunk; what is absent stays."""

    text = serializers.CharField(
        max_length=MAX_CHUNK, trim_whitespace=False, required=False, help_text="What it is to say; it is embedded anew."
    )
    is_active = serializers.BooleanField(required=False, help_text="False leaves it out of every search, at once.")
