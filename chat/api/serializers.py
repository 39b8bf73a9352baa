"""Shapes of the chat API's requests and answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from bots.api.look import LookSerializer
from bots.enums import NoEvidence
from bots.models import Bot
from chat.enums import MessageRole, Rating
from chat.models import TITLE_LENGTH, Conversation, Feedback, Message
from chat.services.feedback import MAX_COMMENT
from chat.types import CURATED, MODEL
from chatcms.core import serializers

LONGEST_QUESTION = 8000
ANSWERED_BY = [MODEL, CURATED, NoEvidence.SAY_SO.value, NoEvidence.ASK_BACK.value, NoEvidence.HANDOFF.value]
ABOUT_ANSWERED_BY = (
    "Where the answer comes from: the model; `curated`, written by people; or what the bot does when its documents "
    "hold nothing on the question. With `handoff` a person should take over."
)


class IfDisconnectedField(serializers.ChoiceField):
    """What becomes of an answer whose reader goes away."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=["stop", "finish"],
            default="stop",
            help_text="What becomes of the answer when its reader goes away: stopped there, or finished and kept.",
            **options,
        )


class QuestionSerializer(serializers.Serializer[Any]):
    """A question to a bot."""

    message = serializers.CharField(max_length=LONGEST_QUESTION)
    conversation_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    stream = serializers.BooleanField(default=False)
    if_disconnected = IfDisconnectedField()


class AgainSerializer(serializers.Serializer[Any]):
    """How an answer is to be made anew."""

    stream = serializers.BooleanField(default=False)
    if_disconnected = IfDisconnectedField()


class CitationSerializer(serializers.Serializer[Any]):
    """Where a numbered mark of an answer points to; `quote` is null once the passage has been deleted."""

    number = serializers.IntegerField()
    document_id = serializers.UUIDField()
    document = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)
    section = serializers.CharField(allow_blank=True)
    chunk_id = serializers.UUIDField()
    quote = serializers.CharField(allow_null=True)


class UsageSerializer(serializers.Serializer[Any]):
    """What an answer used; `cost` is null when the model's price is unknown."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    estimated = serializers.BooleanField()
    cost = serializers.DecimalField(max_digits=14, decimal_places=8, allow_null=True)
    currency = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    """A whole answer."""

    conversation_id = serializers.UUIDField()
    message_id = serializers.UUIDField()
    answer = serializers.CharField()
    citations = CitationSerializer(many=True)
    usage = UsageSerializer()
    finish_reason = serializers.ChoiceField(choices=["stop", "length", "content_filter", "stopped"])
    has_evidence = serializers.BooleanField(allow_null=True)
    model = serializers.CharField()
    first_token_ms = serializers.IntegerField(allow_null=True)
    total_ms = serializers.IntegerField()
    answered_by = serializers.ChoiceField(choices=ANSWERED_BY, help_text=ABOUT_ANSWERED_BY)


class BotProfileSerializer(serializers.ModelSerializer[Bot]):
    """What everybody who may chat with a bot may know of it: no prompt, no provider."""

    look = LookSerializer(read_only=True)

    class Meta:
        model = Bot
        fields = ["id", "slug", "name", "description", "welcome_message", "suggested_questions", "look"]


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """A conversation of the caller."""

    bot = BotProfileSerializer(read_only=True)

    class Meta:
        model = Conversation
        fields = ["id", "bot", "title", "channel", "message_count", "started_at", "last_message_at", "ended_at"]


class TitleSerializer(serializers.Serializer[Any]):
    """Another title for a conversation."""

    title = serializers.CharField(max_length=TITLE_LENGTH)


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

    rating = RatingField()
    comment = serializers.CharField(max_length=MAX_COMMENT, required=False, allow_blank=True, default="")

    class Meta:
        model = Feedback
        fields = ["rating", "comment", "created_at", "updated_at"]


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One question or one answer; the context's `quotes` holds the text of the cited chunks."""

    citations = serializers.SerializerMethodField()
    reply_to = serializers.UUIDField(
        source="reply_to_id", read_only=True, allow_null=True, help_text="The question that an answer is to."
    )
    feedback = serializers.SerializerMethodField()
    answered_by = serializers.SerializerMethodField(help_text=ABOUT_ANSWERED_BY)

    class Meta:
        model = Message
        fields = [
            "id", "seq", "role", "content", "status", "error_code", "model", "citations", "finish_reason",
            "first_token_ms", "total_ms", "answered_by", "reply_to", "superseded", "feedback", "created_at",
        ]  # fmt: skip

    @extend_schema_field(FeedbackSerializer(allow_null=True))
    def get_feedback(self, message: Message) -> dict[str, Any] | None:
        """Return what the reader thinks of an answer, None when nothing was said."""
        given = getattr(message, "feedback", None)
        return FeedbackSerializer(given).data if given else None

    @extend_schema_field(serializers.ChoiceField(choices=ANSWERED_BY, allow_null=True))
    def get_answered_by(self, message: Message) -> str | None:
        """Return where an answer comes from, None for a question."""
        if message.role == MessageRole.USER:
            return None
        return str(message.retrieval.get("answered_by", MODEL))

    @extend_schema_field(CitationSerializer(many=True))
    def get_citations(self, message: Message) -> list[dict[str, Any]]:
        """Return the citations with what is written at each."""
        quotes: dict[str, str] = self.context.get("quotes", {})
        return [{**citation, "quote": quotes.get(citation["chunk_id"])} for citation in message.citations]
