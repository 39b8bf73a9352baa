"""What the lists of conversations, messages and feedback can be narrowed down to, checked."""

from __future__ import annotations

from rest_framework.request import Request

from chat.conversations.api.queries import MAX_SEARCH, Query
from chat.enums import Channel, Handling, MessageRole, MessageStatus
from chat.inbox.selectors import ConversationFilter, FeedbackFilter, MessageFilter
from chat.models import VISITOR_REF_LENGTH
from chat.turns.api.serializers import RatingField
from chatcms.core.api import serializers


class ConversationQuery(Query):
    """Narrows down the tenant's conversations; `since` and `until` are about the last message."""

    until = serializers.DateTimeField(required=False, help_text="Before this moment (ISO 8601).")
    bot_id = serializers.UUIDField(required=False, help_text="Only conversations with this bot.")
    channel = serializers.ChoiceField(
        choices=Channel.choices, required=False, help_text="Only those that are held through this."
    )
    visitor = serializers.CharField(
        max_length=VISITOR_REF_LENGTH, required=False, help_text="A visitor's id, or your own id of an identified one."
    )
    rating = RatingField(required=False, help_text="Having an answer that was rated so.")
    has_failed = serializers.BooleanField(required=False, help_text="Whether an answer of it failed.")
    unanswered = serializers.BooleanField(
        required=False, help_text="Whether nothing was found for one of its questions."
    )
    ended = serializers.BooleanField(required=False, help_text="Only those that have ended, or only those that go on.")
    handling = serializers.ChoiceField(
        choices=Handling.choices, required=False, help_text="Who answers; `requested`: those that wait for a person."
    )
    search = serializers.CharField(
        max_length=MAX_SEARCH, required=False, help_text="Words of one message, or how they begin."
    )

    @classmethod
    def narrowed(cls, request: Request) -> ConversationFilter:
        """Return the checked query of a request."""
        return ConversationFilter(**cls.asked(request))


class MessageQuery(Query):
    """Narrows down the tenant's messages; `since` and `until` are about when they were written."""

    until = serializers.DateTimeField(required=False, help_text="Before this moment (ISO 8601).")
    bot_id = serializers.UUIDField(required=False, help_text="Only messages of conversations with this bot.")
    conversation_id = serializers.UUIDField(required=False, help_text="Only messages of this conversation.")
    role = serializers.ChoiceField(
        choices=MessageRole.choices, required=False, help_text="Only what was written by these."
    )
    status = serializers.ChoiceField(
        choices=MessageStatus.choices, required=False, help_text="Only messages that have got so far."
    )
    rating = RatingField(required=False, help_text="Only answers that were rated so.")
    unanswered = serializers.BooleanField(
        required=False, help_text="Answers for which nothing was found, or the others."
    )
    corrected = serializers.BooleanField(
        required=False, help_text="Only answers that somebody has corrected, or only others."
    )
    search = serializers.CharField(max_length=MAX_SEARCH, required=False, help_text="Words, or how they begin.")

    @classmethod
    def narrowed(cls, request: Request) -> MessageFilter:
        """Return the checked query of a request."""
        return MessageFilter(**cls.asked(request))


class FeedbackQuery(Query):
    """Narrows down the tenant's feedback; `since` and `until` are about when it was first given."""

    until = serializers.DateTimeField(required=False, help_text="Before this moment (ISO 8601).")
    bot_id = serializers.UUIDField(required=False, help_text="Only of this bot's answers.")
    rating = RatingField(required=False, help_text="Only of this kind.")
    has_comment = serializers.BooleanField(required=False, help_text="Only with a comment, or only without.")
    corrected = serializers.BooleanField(
        required=False, help_text="Whether the answer was corrected, or those that wait for it."
    )

    @classmethod
    def narrowed(cls, request: Request) -> FeedbackFilter:
        """Return the checked query of a request."""
        return FeedbackFilter(**cls.asked(request))
