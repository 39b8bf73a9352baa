"""The shape of a tried question: what a bot would be given, by which scores, and how long it took."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from chatcms.core.api import serializers
from datasets.services import Trial
from datasets.types import USUAL_PASSAGES

QUESTION_EXAMPLE = OpenApiExample("A question", value={"query": "How long is the warranty?"}, request_only=True)
RESULT_EXAMPLE = OpenApiExample(
    "What was found",
    response_only=True,
    status_codes=[200],
    value={
        "passages": [
            {
                "chunk_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b8",
                "document_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
                "document_name": "handbook.pdf",
                "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
                "page": 2,
                "section": "Warranty › What is covered",
                "text": "The battery is covered for 4 years.",
                "score": 0.152,
                "similarity": 0.61,
                "dense_rank": 1,
                "lexical_rank": 2,
                "bm25": 4.37,
                "coverage": 0.5,
            }
        ],
        "has_evidence": True,
        "evidence": {"strength": 0.76, "needed": 0.48},
        "top_similarity": 0.61,
        "degraded": None,
        "timings": {"plan_ms": 1.2, "embed_ms": 5.8, "search_ms": 3.1},
    },
)


class SearchSerializer(serializers.Serializer[Any]):
    """A question to try."""

    query = serializers.CharField(max_length=2000, help_text="What to look for: a question, or words.")
    limit = serializers.IntegerField(
        min_value=1,
        max_value=100,
        default=USUAL_PASSAGES,
        help_text=f"How many passages to show at most. Bots are given {USUAL_PASSAGES}, unless they say otherwise.",
    )


class PassageSerializer(serializers.Serializer[Any]):
    """A chunk that was found, with the ranks and scores that brought it here."""

    chunk_id = serializers.UUIDField(help_text="The chunk that was found.")
    document_id = serializers.UUIDField(help_text="The document that it is of.")
    document_name = serializers.CharField(help_text="The document's name.")
    dataset_id = serializers.UUIDField(help_text="The dataset of its document.")
    page = serializers.IntegerField(
        allow_null=True, help_text="The page of the document, counted from 1; null where there are none."
    )
    section = serializers.CharField(
        allow_blank=True, help_text="The heading that it is under; empty where there is none."
    )
    text = serializers.CharField(help_text="What it says.")
    score = serializers.FloatField(help_text="Of both legs together; comparable within one answer only.")
    similarity = serializers.FloatField(
        allow_null=True, help_text="The leg of meaning: the cosine, where meaning was compared."
    )
    dense_rank = serializers.IntegerField(allow_null=True, help_text="Its place by meaning; null beyond the first 100.")
    lexical_rank = serializers.IntegerField(allow_null=True, help_text="Its place by words; null beyond the first 100.")
    bm25 = serializers.FloatField(help_text="The leg of words: its BM25 score.")
    coverage = serializers.FloatField(help_text="The share of the question's rare words that it holds, 0 to 1.")


class EvidenceSerializer(serializers.Serializer[Any]):
    """The decision whether to answer: `strength` must reach `needed`."""

    strength = serializers.FloatField(help_text="How strong the best passage is as evidence; higher is stronger.")
    needed = serializers.FloatField(help_text="How strong the evidence must be to count, on the same scale.")


class TimingsSerializer(serializers.Serializer[Any]):
    """Milliseconds of each step."""

    plan_ms = serializers.FloatField(help_text="Reading what is searched.")
    embed_ms = serializers.FloatField(help_text="Turning the question into vectors; one asked lately takes none.")
    search_ms = serializers.FloatField(help_text="Searching and fusing.")


class SearchResultSerializer(serializers.Serializer[Any]):
    """What a bot would be given for the question."""

    passages = PassageSerializer(many=True, help_text="What was found, the best first.")
    has_evidence = serializers.BooleanField(help_text="Whether the passages are good enough to answer from.")
    evidence = EvidenceSerializer(help_text="How good the passages are as evidence.")
    top_similarity = serializers.FloatField(
        allow_null=True,
        help_text=(
            "How near the nearest passage is in meaning, as a cosine of at most 1; null when nothing was found."
        ),
    )
    degraded = serializers.CharField(allow_null=True, help_text="Why only words were compared, if so.")
    timings = TimingsSerializer(help_text="How long each step took.")

    def to_representation(self, instance: Trial) -> dict[str, Any]:
        """Show the result of a trial and, beside it, its timings."""
        result = instance.result
        return {
            "passages": PassageSerializer(result.passages, many=True).data,
            "has_evidence": result.has_evidence,
            "evidence": EvidenceSerializer(result.evidence).data,
            "top_similarity": result.top_similarity,
            "degraded": result.degraded,
            "timings": TimingsSerializer(instance).data,
        }
