"""Shapes of the events of answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema_field

from chat.turns.api.parts import AnswerPartSerializer
from chat.turns.api.serializers import (
    ABOUT_ANSWERED_BY,
    ABOUT_CONSULTED,
    ABOUT_HAS_EVIDENCE,
    ANSWERED_BY,
    FINISH_REASONS,
    CitationSerializer,
    LeftQuestionSerializer,
    UsageSerializer,
)
from chatcms.core.api import serializers
from chatcms.core.api.openapi import ProblemSerializer
from chatcms.core.api.openapi_events import event, events

_of_answer = partial(event, about_id="How far the answer has come: send the last one as `Last-Event-ID` to go on.")


class BegunSerializer(serializers.Serializer[Any]):
    """Which messages the events are about."""

    conversation_id = serializers.UUIDField(help_text="The conversation; send it with the next question to go on.")
    question_id = serializers.UUIDField(help_text="The question as a message of the conversation.")
    message_id = serializers.UUIDField(
        allow_null=True, help_text="The answer that is to come; null when the question waits for a person."
    )


@extend_schema_field({"type": "object", "properties": {}})
class NothingField(serializers.Field[Any, Any, Any, Any]):
    """An empty object."""


class FoundPassageSerializer(serializers.Serializer[Any]):
    """A passage that the model is shown."""

    number = serializers.IntegerField(help_text="The number by which the answer may cite it.")
    document_id = serializers.UUIDField(help_text="The document that it is of.")
    document = serializers.CharField(help_text="The document's name.")
    page = serializers.IntegerField(
        allow_null=True, help_text="The page of the document, counted from 1; null where there are none."
    )
    section = serializers.CharField(
        allow_blank=True, help_text="The heading that it is under; empty where there is none."
    )
    chunk_id = serializers.UUIDField(help_text="The chunk that it is.")
    score = serializers.FloatField(help_text="How well it fits, compared with the others; higher is better.")
    quote = serializers.CharField(required=False, help_text="What it says; in the playground only.")


class PromptMessageSerializer(serializers.Serializer[Any]):
    """A message that the model is sent."""

    role = serializers.CharField(help_text="Who says it to the model: `system`, `user` or `assistant`.")
    content = serializers.CharField(help_text="What it says.")


class RetrievalSerializer(serializers.Serializer[Any]):
    """What was found for the question."""

    has_evidence = serializers.BooleanField(allow_null=True, help_text=ABOUT_HAS_EVIDENCE)
    passages = FoundPassageSerializer(many=True, help_text="What the model is shown; visitors are told of none.")
    messages = PromptMessageSerializer(
        many=True, required=False, help_text="What the model is sent; in the playground only."
    )


class DeltaSerializer(serializers.Serializer[Any]):
    """The next piece of the answer."""

    text = serializers.CharField(help_text="What to append to the answer, in Markdown.")


class DoneSerializer(serializers.Serializer[Any]):
    """How the answer ended."""

    conversation_id = serializers.UUIDField(help_text="The conversation.")
    message_id = serializers.UUIDField(help_text="The answer as a message of the conversation.")
    finish_reason = serializers.ChoiceField(choices=FINISH_REASONS, help_text="Why the answer ends where it does.")
    has_evidence = serializers.BooleanField(allow_null=True, help_text=ABOUT_HAS_EVIDENCE)
    model = serializers.CharField(help_text="The model that answered, by its id at the provider.")
    first_token_ms = serializers.IntegerField(
        allow_null=True, help_text="Milliseconds from the question to the first word; null when there was none."
    )
    total_ms = serializers.IntegerField(help_text="Milliseconds from the question to the end of the answer.")
    answered_by = serializers.ChoiceField(choices=ANSWERED_BY, help_text=ABOUT_ANSWERED_BY)
    consulted = CitationSerializer(many=True, required=False, help_text=ABOUT_CONSULTED)


class AnswerProblemSerializer(ProblemSerializer):
    """Why there is no answer, or no more of it."""

    conversation_id = serializers.UUIDField(help_text="The conversation.")
    message_id = serializers.UUIDField(help_text="The answer as a message of the conversation.")
    incomplete = serializers.BooleanField(help_text="Whether a part of the answer was sent.")


CHAT_EVENTS = [
    _of_answer("ChatConversationEvent", "conversation", BegunSerializer, about="The question is saved."),
    _of_answer("ChatResetEvent", "reset", NothingField, about="The answer begins anew: forget what came of it."),
    _of_answer("ChatRetrievalEvent", "retrieval", RetrievalSerializer, about="What was found."),
    _of_answer("ChatDeltaEvent", "delta", DeltaSerializer, about="A piece of the answer."),
    _of_answer("ChatPartEvent", "part", AnswerPartSerializer, about="A part that is more than words."),
    _of_answer("ChatCitationEvent", "citation", CitationSerializer, about="Where a mark of the answer points to."),
    _of_answer("ChatUsageEvent", "usage", UsageSerializer, about="What the answer used, after its last word."),
    _of_answer("ChatDoneEvent", "done", DoneSerializer, about="The answer has ended: the last event."),
    _of_answer("ChatErrorEvent", "error", AnswerProblemSerializer, about="The answer has failed: the last event."),
    _of_answer(
        "ChatPersonEvent",
        "person",
        LeftQuestionSerializer,
        about="The question waits for the person who has the conversation: the last event.",
    ),
]
ANSWER_STREAM = OpenApiResponse(
    events("ChatEvent", CHAT_EVENTS), description="The events of the answer; the schema is that of one event."
)
