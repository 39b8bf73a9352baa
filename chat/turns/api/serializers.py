"""Shapes of answers and messages in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from bots.enums import NoEvidence
from chat.enums import Handling, MessageRole, Rating
from chat.models import Feedback, Message
from chat.turns.api.parts import PART_TYPES, PartSerializer
from chat.turns.citations import Quotes, consulted_by
from chat.turns.events import CURATED, MODEL
from chat.turns.questions import IfDisconnectedField
from chat.turns.services.feedback import MAX_COMMENT
from chatcms.core.api import serializers

ANSWERED_BY = [MODEL, CURATED, NoEvidence.SAY_SO.value, NoEvidence.ASK_BACK.value, NoEvidence.HANDOFF.value]
FINISH_REASONS = ["stop", "length", "content_filter", "tool_calls", "stopped"]
ABOUT_HAS_EVIDENCE = (
    "Whether the documents held something on the question: passages were found, and the model did not say that they "
    "do not hold the answer. Null: nothing was searched."
)
ABOUT_CONSULTED = (
    "The passages that the model was given, where it answered from them and cited none; empty or absent otherwise."
)
ABOUT_ANSWERED_BY = (
    "Where the answer comes from: the model; `curated`, written by people; or what the bot does when its documents "
    "hold nothing on the question. With `handoff` a person is asked for, where one can reach whoever asked."
)
ABOUT_HANDLING = (
    "Who answers: `bot`; `requested`, the bot still, until a person comes; or `person`: then questions wait for them "
    "and the bot is silent."
)


class AgainSerializer(serializers.Serializer[Any]):
    """How an answer is to be made anew."""

    stream = serializers.BooleanField(
        default=False, help_text="Whether the answer comes as server-sent events; else as one document."
    )
    if_disconnected = IfDisconnectedField()


class CitationSerializer(serializers.Serializer[Any]):
    """Where a numbered mark of an answer points to; `quote` is null once that was deleted, edited or withdrawn."""

    number = serializers.IntegerField(help_text="The number in the marks of the answer: `[1]` is number 1.")
    document_id = serializers.UUIDField(help_text="The document that the passage is of.")
    document = serializers.CharField(help_text="The document's name when the answer was given.")
    page = serializers.IntegerField(
        allow_null=True, help_text="The page of the document, counted from 1; null where there are none."
    )
    section = serializers.CharField(
        allow_blank=True, help_text="The heading that the passage is under; empty where there is none."
    )
    chunk_id = serializers.UUIDField(help_text="The passage that is cited.")
    quote = serializers.CharField(
        allow_null=True, help_text="What is written at the place; null once that was deleted, edited or withdrawn."
    )


class UsageSerializer(serializers.Serializer[Any]):
    """What an answer used; `cost` is null when the model's price is unknown."""

    prompt_tokens = serializers.IntegerField(help_text="Tokens of all that the model was sent.")
    completion_tokens = serializers.IntegerField(help_text="Tokens of the answer.")
    total_tokens = serializers.IntegerField(help_text="The sum of both.")
    estimated = serializers.BooleanField(
        help_text="Whether the tokens are our estimate, since the provider did not count them."
    )
    cost = serializers.DecimalField(
        max_digits=14,
        decimal_places=8,
        allow_null=True,
        help_text="What it cost, in `currency`; null when the model's price is unknown, and always to visitors.",
    )
    currency = serializers.CharField(help_text="What `cost` is in: `USD`.")
    cache_read_tokens = serializers.IntegerField(
        required=False, help_text="What of the prompt was read from the vendor's cache; absent for none."
    )
    cache_write_tokens = serializers.IntegerField(
        required=False, help_text="What of the prompt was written to the vendor's cache; absent for none."
    )
    reasoning_tokens = serializers.IntegerField(
        required=False, help_text="What of the answer was spent on thoughts; absent for none."
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """A whole answer."""

    conversation_id = serializers.UUIDField(help_text="The conversation; send it with the next question to go on.")
    message_id = serializers.UUIDField(help_text="The answer as a message of the conversation.")
    answer = serializers.CharField(
        help_text="The answer, in Markdown; a mark such as `[1]` points to the citation of that number."
    )
    citations = CitationSerializer(
        many=True, help_text="Where the marks in the answer point to, in the order in which they first appear."
    )
    consulted = CitationSerializer(many=True, required=False, help_text=ABOUT_CONSULTED)
    usage = UsageSerializer(help_text="What the answer used.")
    finish_reason = serializers.ChoiceField(choices=FINISH_REASONS, help_text="Why the answer ends where it does.")
    has_evidence = serializers.BooleanField(allow_null=True, help_text=ABOUT_HAS_EVIDENCE)
    model = serializers.CharField(help_text="The model that answered, by its id at the provider.")
    first_token_ms = serializers.IntegerField(
        allow_null=True, help_text="Milliseconds from the question to the first word; null when there was none."
    )
    total_ms = serializers.IntegerField(help_text="Milliseconds from the question to the end of the answer.")
    answered_by = serializers.ChoiceField(choices=ANSWERED_BY, help_text=ABOUT_ANSWERED_BY)
    parts = PartSerializer(
        many=True, required=False, help_text="All of the answer's parts; absent where it is made of words only."
    )


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody of the tenant who answers in a bot's place."""

    name = serializers.CharField(help_text="The name under which they write.")


class LeftQuestionSerializer(serializers.Serializer[Any]):
    """A question that waits for the person who has the conversation."""

    conversation_id = serializers.UUIDField(help_text="The conversation.")
    question_id = serializers.UUIDField(help_text="The question as a message of the conversation.")
    handling = serializers.ChoiceField(choices=Handling.choices, help_text="Always `person`.")
    person = PersonSerializer(help_text="Who has the conversation and will answer.")


class RatingField(serializers.ChoiceField):
    """What a reader thinks of an answer: `up` or `down`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=sorted(rating.name.lower() for rating in Rating), **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the rating of that name."""
        return Rating[str(super().to_internal_value(data)).upper()]

    def to_representation(self, value: Any) -> str:
        """Return the name of a rating."""
        return Rating(value).name.lower()


class FeedbackSerializer(serializers.ModelSerializer[Feedback]):
    """What a reader thinks of an answer."""

    rating = RatingField(help_text="Whether the reader found the answer good.")
    comment = serializers.CharField(
        max_length=MAX_COMMENT,
        required=False,
        allow_blank=True,
        default="",
        help_text="What the reader has to say about it; may be empty.",
    )

    class Meta:
        model = Feedback
        fields = ["rating", "comment", "created_at", "updated_at"]


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A question, an answer or what a person wrote; the context's `quotes` are of `quotes_for`."""

    citations = serializers.SerializerMethodField(
        help_text="Where the marks in an answer point to, each with what is written there."
    )
    consulted = serializers.SerializerMethodField(help_text=ABOUT_CONSULTED)
    reply_to = serializers.UUIDField(
        source="reply_to_id", read_only=True, allow_null=True, help_text="The question that an answer is to."
    )
    feedback = serializers.SerializerMethodField(
        help_text="What the reader thinks of the answer; null when nothing was said."
    )
    answered_by = serializers.SerializerMethodField(help_text=ABOUT_ANSWERED_BY)
    person = serializers.SerializerMethodField(help_text="Who wrote it, null unless it was a person of the tenant.")
    parts = PartSerializer(
        many=True, required=False, help_text="All of its parts; absent where it is made of words only."
    )

    class Meta:
        model = Message
        fields = [
            "id", "seq", "role", "content", "status", "error_code", "model", "citations", "consulted",
            "finish_reason",
            "first_token_ms", "total_ms", "answered_by", "person", "reply_to", "superseded", "feedback", "created_at",
            "parts",
        ]  # fmt: skip
        help_texts = {
            "content": "What it says, in Markdown; of an answer under way what has been said so far.",
            "error_code": "Why the answer failed, as the problem's `code`; empty unless it did.",
            "finish_reason": (
                "Why the answer ended where it did: `stop`, `length`, `content_filter`, `tool_calls` or `stopped`; "
                "empty for other messages, and where its reader went away."
            ),
            "first_token_ms": "Milliseconds from the question to the first word; null when there was none.",
            "model": "The model that answered, by its id at the provider; empty for other messages.",
            "role": "Who wrote it.",
            "seq": "Its place in the conversation; the first one is 1.",
            "status": "How far it has got; only answers are ever anything but `complete`.",
            "superseded": "Whether another answer to the same question has taken its place.",
            "total_ms": (
                "Milliseconds from the question to the end of the answer; null for other messages, and while "
                "it is being made."
            ),
        }

    def to_representation(self, message: Message) -> dict[str, Any]:
        """Return the message without thoughts; what is made of words only is shown as it always was."""
        shown = super().to_representation(message)
        shown["parts"] = [part for part in shown["parts"] if part["type"] in PART_TYPES]
        if not shown["parts"]:
            del shown["parts"]
        return shown

    @extend_schema_field(FeedbackSerializer(allow_null=True))
    def get_feedback(self, message: Message) -> dict[str, Any] | None:
        """Return what the reader thinks of an answer, None when nothing was said."""
        given = getattr(message, "feedback", None)
        return FeedbackSerializer(given).data if given else None

    @extend_schema_field(serializers.ChoiceField(choices=ANSWERED_BY, allow_null=True))
    def get_answered_by(self, message: Message) -> str | None:
        """Return where a bot's answer comes from, None for other messages."""
        if message.role != MessageRole.ASSISTANT:
            return None
        return str(message.retrieval.get("answered_by", MODEL))

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_person(self, message: Message) -> dict[str, Any] | None:
        """Return who of the tenant wrote it."""
        return {"name": message.author_name} if message.role == MessageRole.PERSON else None

    @extend_schema_field(CitationSerializer(many=True))
    def get_citations(self, message: Message) -> list[dict[str, Any]]:
        """Return the citations with what is written at each."""
        return self._quoted(message, message.citations)

    @extend_schema_field(CitationSerializer(many=True))
    def get_consulted(self, message: Message) -> list[dict[str, Any]]:
        """Return what the model was given of an answer that cites nothing, with what is written there."""
        return self._quoted(message, consulted_by(message))

    def _quoted(self, message: Message, places: list[dict[str, Any]]) -> list[dict[str, Any]]:
        quotes: Quotes = self.context.get("quotes", {})
        return [{**one, "quote": quotes.get((message.pk, one["chunk_id"]))} for one in places]
