"""Shapes of conversations, messages and feedback as those see them who look after the bots."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from bots.models import Bot
from chat.conversations.api.serializers import RatingsSerializer, WhoAnswersSerializer
from chat.enums import Channel, RequestReason
from chat.inbox.selectors import Summary
from chat.models import Conversation, Feedback, Message, Usage
from chat.turns.api.serializers import ABOUT_HAS_EVIDENCE, MessageSerializer, RatingField
from chat.turns.partwords import plain_words_of
from chatcms.core.api import serializers


class BotNameSerializer(serializers.ModelSerializer[Bot]):
    """Which bot it is."""

    class Meta:
        model = Bot
        fields = ["id", "slug", "name"]
        help_texts = {
            "name": "What the bot is called.",
            "slug": "Its name in addresses.",
        }


class InboxHandlingSerializer(WhoAnswersSerializer):
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
        fields = [*WhoAnswersSerializer.Meta.fields, "request_reason", "taken_by", "taken_at"]


class InboxConversationSerializer(InboxHandlingSerializer):
    """A conversation with one of the tenant's bots; the context's `summaries` tell what happened in it."""

    bot = BotNameSerializer(read_only=True, help_text="The bot that it is held with.")
    visitor_id = serializers.SerializerMethodField(help_text="Null when it was not a visitor who asked.")
    visitor_ref = serializers.CharField(
        help_text="Your own id of the visitor, if you have vouched for it; on OpenAI's routes the request's `user`."
    )
    ratings = serializers.SerializerMethodField(help_text="How often its answers were rated, by rating.")
    failed_count = serializers.SerializerMethodField(help_text="Answers that failed.")
    unanswered_count = serializers.SerializerMethodField(help_text="Answers for which the documents held nothing.")

    class Meta:
        model = Conversation
        fields = [
            "id", "bot", "title", "channel", "origin", "actor_type", "visitor_id", "visitor_ref", "message_count",
            "handling", "person", "requested_at", "request_reason", "taken_by", "taken_at", "ratings", "failed_count",
            "unanswered_count", "started_at", "last_message_at", "ended_at",
        ]  # fmt: skip
        help_texts = {
            "actor_type": "What kind of caller holds it: `user`, `api_key` or `visitor`.",
            "channel": "The face through which it is held.",
            "ended_at": "When it ended; null while it goes on. A later question opens it again.",
            "last_message_at": "When the last message was written.",
            "message_count": "How many messages it has: questions, answers, and what people wrote.",
            "origin": "The site whose page showed the widget; empty for other channels.",
            "started_at": "When its first question was asked.",
            "title": "What it is called: the beginning of its first question, unless it was given a title.",
        }

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
        fields = [
            *("prompt_tokens", "completion_tokens", "estimated", "cost", "currency"),
            *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
        ]
        help_texts = {
            "cache_read_tokens": "What of `prompt_tokens` was read from the vendor's cache.",
            "cache_write_tokens": "What of `prompt_tokens` was written to the vendor's cache.",
            "completion_tokens": "Tokens of the answer.",
            "cost": "What it cost, in `currency`; null when the model's price is unknown.",
            "currency": "What `cost` is in: `USD`.",
            "estimated": "Whether the tokens are our estimate, since the provider did not count them.",
            "prompt_tokens": "Tokens of all that the model was sent.",
            "reasoning_tokens": "What of `completion_tokens` was spent on thoughts.",
        }


class InboxMessageSerializer(MessageSerializer):
    """A question or an answer, with what the answer was made from and what it cost."""

    bot_id = serializers.UUIDField(source="conversation.bot_id", help_text="The bot of the conversation.")
    has_evidence = serializers.SerializerMethodField(help_text=ABOUT_HAS_EVIDENCE)
    usage = serializers.SerializerMethodField(
        help_text="What the answer used; null for other messages, and while it is being made."
    )
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
        help_texts = {
            "curated_answer_id": "The curated answer that was given; null if none was, or it was deleted since.",
            "provider_name": "The provider whose model answered, by its name then; empty when no model was asked.",
        }

    conversation_id = serializers.UUIDField(help_text="The conversation that it is in.")

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

    rating = RatingField(help_text="Whether the reader found the answer good.")
    bot = BotNameSerializer(source="message.conversation.bot", help_text="The bot that gave the answer.")
    conversation_id = serializers.UUIDField(
        source="message.conversation_id", help_text="The conversation of the answer."
    )
    message_id = serializers.UUIDField(help_text="The answer that was rated.")
    channel = serializers.ChoiceField(
        choices=Channel.choices,
        source="message.conversation.channel",
        help_text="The face through which the question was asked.",
    )
    visitor_ref = serializers.CharField(
        source="message.conversation.visitor_ref",
        help_text="The id by which the tenant's own system knows the visitor; empty if it named nobody.",
    )
    question = serializers.SerializerMethodField(help_text="The question that the answer is to.")
    answer = serializers.SerializerMethodField(
        help_text="The answer that was rated; what else than words it is made of is told in English."
    )
    corrected_at = serializers.DateTimeField(
        source="message.corrected_at",
        allow_null=True,
        help_text="When somebody last corrected the answer; null if nobody has.",
    )

    class Meta:
        model = Feedback
        fields = [
            "id", "rating", "comment", "bot", "conversation_id", "message_id", "channel", "visitor_ref", "question",
            "answer", "corrected_at", "created_at", "updated_at",
        ]  # fmt: skip
        help_texts = {
            "comment": "What the reader wrote; empty if nothing.",
        }

    def get_question(self, feedback: Feedback) -> str | None:
        """Return the question that the answer is to."""
        question = feedback.message.reply_to
        return plain_words_of(question) if question else None

    def get_answer(self, feedback: Feedback) -> str:
        """Return the answer in words."""
        return plain_words_of(feedback.message)
