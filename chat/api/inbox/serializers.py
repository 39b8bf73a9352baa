"""Shapes of conversations, messages and feedback as those see them who look after the bots."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from bots.models import Bot
from chat.api.serializers import ABOUT_HAS_EVIDENCE, HandlingSerializer, MessageSerializer, RatingField
from chat.enums import Channel, RequestReason
from chat.inbox import Summary
from chat.models import Conversation, Feedback, Message, Usage
from chatcms.core import serializers


class BotNameSerializer(serializers.ModelSerializer[Bot]):
    """Which bot it is."""

    class Meta:
        model = Bot
        fields = ["id", "slug", "name"]


class RatingsSerializer(serializers.Serializer[Any]):
    """How often answers were rated good and bad."""

    up = serializers.IntegerField()
    down = serializers.IntegerField()


class InboxHandlingSerializer(HandlingSerializer):
    """Who answers in a conversation, and why a person does or should."""

    request_reason = serializers.ChoiceField(
        choices=RequestReason.choices, allow_blank=True, help_text="Why a person was last asked for."
    )
    taken_by = serializers.UUIDField(
        allow_null=True, help_text="The id of the member, or API key, who has the conversation."
    )
    taken_at = serializers.DateTimeField(allow_null=True, help_text="When a person last took it over.")

    class Meta:
        model = Conversation
        fields = [*HandlingSerializer.Meta.fields, "request_reason", "taken_by", "taken_at"]


class InboxConversationSerializer(InboxHandlingSerializer):
    """A conversation with one of the tenant's bots; the context's `summaries` tell what happened in it."""

    bot = BotNameSerializer(read_only=True)
    visitor_id = serializers.SerializerMethodField(help_text="Null when it was not a visitor who asked.")
    visitor_ref = serializers.CharField(help_text="Your own id of the visitor, if you have vouched for it.")
    ratings = serializers.SerializerMethodField()
    failed_count = serializers.SerializerMethodField(help_text="Answers that failed.")
    unanswered_count = serializers.SerializerMethodField(help_text="Answers for which the documents held nothing.")

    class Meta:
        model = Conversation
        fields = [
            "id", "bot", "title", "channel", "origin", "actor_type", "visitor_id", "visitor_ref", "message_count",
            "handling", "person", "requested_at", "request_reason", "taken_by", "taken_at", "ratings", "failed_count",
            "unanswered_count", "started_at", "last_message_at", "ended_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_visitor_id(self, conversation: Conversation) -> str | None:
        """Return the visitor's id."""
        return str(conversation.actor_id) if conversation.actor_type == "visitor" else None

    @extend_schema_field(RatingsSerializer)
    def get_ratings(self, conversation: Conversation) -> dict[str, int]:
        """Return how often answers were rated."""
        return self._summary(conversation).ratings

    def get_failed_count(self, conversation: Conversation) -> int:
        """Return how many answers failed."""
        return self._summary(conversation).failed

    def get_unanswered_count(self, conversation: Conversation) -> int:
        """Return for how many answers the documents held nothing."""
        return self._summary(conversation).unanswered

    def _summary(self, conversation: Conversation) -> Summary:
        summaries: dict[Any, Summary] = self.context.get("summaries", {})
        return summaries.get(conversation.pk) or Summary()


class MessageUsageSerializer(serializers.ModelSerializer[Usage]):
    """What an answer used; `cost` is null when the model's price is unknown."""

    class Meta:
        model = Usage
        fields = ["prompt_tokens", "completion_tokens", "estimated", "cost", "currency"]


class InboxMessageSerializer(MessageSerializer):
    """A question or an answer, with what the answer was made from and what it cost."""

    bot_id = serializers.UUIDField(source="conversation.bot_id")
    has_evidence = serializers.SerializerMethodField(help_text=ABOUT_HAS_EVIDENCE)
    usage = serializers.SerializerMethodField()
    author_id = serializers.UUIDField(
        allow_null=True, help_text="The id of the member, or API key, who wrote it in a bot's place."
    )
    corrected_at = serializers.DateTimeField(
        allow_null=True, help_text="When somebody last saw to it that the question gets another answer."
    )

    class Meta(MessageSerializer.Meta):
        fields = [
            *MessageSerializer.Meta.fields, "conversation_id", "bot_id", "provider_name", "has_evidence",
            "curated_answer_id", "author_id", "corrected_at", "usage",
        ]  # fmt: skip

    conversation_id = serializers.UUIDField()

    def get_has_evidence(self, message: Message) -> bool | None:
        """Return whether the documents held something for the answer."""
        found: bool | None = message.retrieval.get("has_evidence")
        return found

    @extend_schema_field(MessageUsageSerializer(allow_null=True))
    def get_usage(self, message: Message) -> dict[str, Any] | None:
        """Return what the answer used, None for a question."""
        used = next(iter(message.usage.all()), None)
        return MessageUsageSerializer(used).data if used else None


class InboxFeedbackSerializer(serializers.ModelSerializer[Feedback]):
    """What a reader thinks of an answer, with the answer and the question to it."""

    rating = RatingField()
    bot = BotNameSerializer(source="message.conversation.bot")
    conversation_id = serializers.UUIDField(source="message.conversation_id")
    message_id = serializers.UUIDField()
    channel = serializers.ChoiceField(choices=Channel.choices, source="message.conversation.channel")
    visitor_ref = serializers.CharField(source="message.conversation.visitor_ref")
    question = serializers.SerializerMethodField()
    answer = serializers.CharField(source="message.content")
    corrected_at = serializers.DateTimeField(source="message.corrected_at", allow_null=True)

    class Meta:
        model = Feedback
        fields = [
            "id", "rating", "comment", "bot", "conversation_id", "message_id", "channel", "visitor_ref", "question",
            "answer", "corrected_at", "created_at", "updated_at",
        ]  # fmt: skip

    def get_question(self, feedback: Feedback) -> str | None:
        """Return the question that the answer is to."""
        question = feedback.message.reply_to
        return question.content if question else None
