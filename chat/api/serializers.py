"""Shapes of the chat API's requests and answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from bots.api.look import LookSerializer
from bots.enums import NoEvidence
from bots.models import Bot
from chat.enums import Handling, MessageRole, Rating
from chat.models import TITLE_LENGTH, Conversation, Feedback, Message
from chat.selectors import Quotes
from chat.services.feedback import MAX_COMMENT
from chat.types import CURATED, MODEL
from chatcms.core import serializers

LONGEST_QUESTION = 8000
ANSWERED_BY = [MODEL, CURATED, NoEvidence.SAY_SO.value, NoEvidence.ASK_BACK.value, NoEvidence.HANDOFF.value]
ABOUT_HAS_EVIDENCE = (
    "Whether the documents held something on the question: passages were found, and the model did not say that they "
    "do not hold the answer. Null: nothing was searched."
)
ABOUT_ANSWERED_BY = (
    "Where the answer comes from: the model; `curated`, written by people; or what the bot does when its documents "
    "hold nothing on the question. With `handoff` a person is asked for, where one can reach whoever asked."
)


ABOUT_HANDLING = (
    "Who answers: `bot`; `requested`, the bot still, until a person comes; or `person`: then questions wait for them "
    "and the bot is silent."
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
    """Where a numbered mark of an answer points to; `quote` is null once that was deleted, edited or withdrawn."""

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
    has_evidence = serializers.BooleanField(allow_null=True, help_text=ABOUT_HAS_EVIDENCE)
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


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody of the tenant who answers in a bot's place."""

    name = serializers.CharField()


class HandlingSerializer(serializers.ModelSerializer[Conversation]):
    """Who answers in a conversation: the bot, the bot until a person comes, or a person, who is named then."""

    handling = serializers.ChoiceField(choices=Handling.choices, help_text=ABOUT_HANDLING)
    person = serializers.SerializerMethodField()
    requested_at = serializers.DateTimeField(
        allow_null=True, help_text="When a person was last asked for; it stays when one came or was not needed."
    )

    class Meta:
        model = Conversation
        fields = ["handling", "person", "requested_at"]

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_person(self, conversation: Conversation) -> dict[str, Any] | None:
        """Return the person who has the conversation, None while the bot answers."""
        return {"name": conversation.taken_by_name} if conversation.handling == Handling.PERSON else None


class ConversationSerializer(HandlingSerializer):
    """A conversation of the caller."""

    bot = BotProfileSerializer(read_only=True)

    class Meta:
        model = Conversation
        fields = [
            "id", "bot", "title", "channel", "message_count", "handling", "person", "requested_at", "started_at",
            "last_message_at", "ended_at",
        ]  # fmt: skip


class LeftQuestionSerializer(serializers.Serializer[Any]):
    """A question that waits for the person who has the conversation."""

    conversation_id = serializers.UUIDField()
    question_id = serializers.UUIDField()
    handling = serializers.ChoiceField(choices=Handling.choices, help_text="Always `person`.")
    person = PersonSerializer()


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
    """A question, an answer or what a person wrote; the context's `quotes` are of `quotes_for`."""

    citations = serializers.SerializerMethodField()
    reply_to = serializers.UUIDField(
        source="reply_to_id", read_only=True, allow_null=True, help_text="The question that an answer is to."
    )
    feedback = serializers.SerializerMethodField()
    answered_by = serializers.SerializerMethodField(help_text=ABOUT_ANSWERED_BY)
    person = serializers.SerializerMethodField(help_text="Who wrote it, null unless it was a person of the tenant.")

    class Meta:
        model = Message
        fields = [
            "id", "seq", "role", "content", "status", "error_code", "model", "citations", "finish_reason",
            "first_token_ms", "total_ms", "answered_by", "person", "reply_to", "superseded", "feedback", "created_at",
        ]  # fmt: skip

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
        quotes: Quotes = self.context.get("quotes", {})
        return [{**one, "quote": quotes.get((message.pk, one["chunk_id"]))} for one in message.citations]
