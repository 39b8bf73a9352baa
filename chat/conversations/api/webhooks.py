"""Shapes of the events that webhooks are sent about conversations: ids, and hardly anything of what people write."""

from __future__ import annotations

from typing import Any

from bots.api.events import ToldBotSerializer
from chat.conversations.api.serializers import RatingsSerializer
from chat.enums import Channel, MessageRole, MessageStatus, RequestReason
from chat.turns.api.serializers import ABOUT_ANSWERED_BY, ANSWERED_BY, RatingField
from chatcms.core.api import serializers
from chatcms.webhooks.api.events import told
from chatcms.webhooks.enums import EventType


class _PlaceSerializer(serializers.Serializer[Any]):
    """Which conversation it is, and whose."""

    conversation_id = serializers.UUIDField(help_text="The conversation.")
    bot = ToldBotSerializer(help_text="The bot that it is held with.")
    channel = serializers.ChoiceField(choices=Channel.choices, help_text="The face through which it is held.")
    visitor_id = serializers.UUIDField(
        allow_null=True, help_text="The visitor who holds it; null for a member or a key."
    )
    visitor_ref = serializers.CharField(
        allow_blank=True,
        help_text="The id by which your own system knows the visitor; empty if you vouched for nobody.",
    )


class ToldConversationSerializer(_PlaceSerializer):
    """How a conversation is at the moment of the event."""

    origin = serializers.CharField(
        allow_blank=True, help_text="The site whose page showed the widget; empty for other channels."
    )
    message_count = serializers.IntegerField(help_text="How many messages it has.")
    started_at = serializers.DateTimeField(help_text="When it began.")
    last_message_at = serializers.DateTimeField(help_text="When the last message was written.")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="When it ended; null while it goes on.")


class ConversationStartedDataSerializer(ToldConversationSerializer):
    """A conversation that has begun."""

    url = serializers.CharField(help_text="Where it is: `GET` it with a key that may read.")


class ConversationFinishedDataSerializer(ToldConversationSerializer):
    """A conversation that has ended."""

    ratings = RatingsSerializer(help_text="How often its answers were rated, by rating.")


class PersonRequestedDataSerializer(ToldConversationSerializer):
    """A conversation in which a person is asked for."""

    reason = serializers.ChoiceField(choices=RequestReason.choices, help_text="Why.")
    requested_at = serializers.DateTimeField(help_text="When a person was asked for.")
    question = serializers.CharField(
        allow_blank=True, help_text="The first 500 characters of the last question; empty when there is none."
    )


class MessageCreatedDataSerializer(_PlaceSerializer):
    """A message that is there; what it says is fetched with a key."""

    message_id = serializers.UUIDField(help_text="The message.")
    seq = serializers.IntegerField(help_text="Its place in the conversation; the first one is 1.")
    role = serializers.ChoiceField(choices=MessageRole.choices, help_text="Who wrote it.")
    status = serializers.ChoiceField(
        choices=MessageStatus.choices, help_text="How an answer ended; others are always `complete`."
    )
    reply_to = serializers.UUIDField(allow_null=True, help_text="The question that an answer is to; null for others.")
    created_at = serializers.DateTimeField(help_text="When it was written, or an answer begun.")
    url = serializers.CharField(help_text="Where it is: `GET` it with a key that may read.")


class QuestionUnansweredDataSerializer(_PlaceSerializer):
    """A question that the documents held nothing on; what it says is fetched with a key."""

    question_id = serializers.UUIDField(help_text="The question as a message of the conversation.")
    message_id = serializers.UUIDField(help_text="The answer that was given all the same.")
    answered_by = serializers.ChoiceField(choices=ANSWERED_BY, help_text=ABOUT_ANSWERED_BY)
    asked_at = serializers.DateTimeField(help_text="When it was asked.")
    url = serializers.CharField(help_text="Where the answer is: `GET` it with a key that may read.")


class FeedbackGivenDataSerializer(serializers.Serializer[Any]):
    """What a reader thinks of an answer."""

    feedback_id = serializers.UUIDField(help_text="The rating; the same when the reader changes it.")
    message_id = serializers.UUIDField(help_text="The answer that is rated.")
    conversation_id = serializers.UUIDField(help_text="The conversation of the answer.")
    bot_id = serializers.UUIDField(help_text="The bot that gave the answer.")
    channel = serializers.ChoiceField(choices=Channel.choices, help_text="The face through which it is held.")
    visitor_ref = serializers.CharField(
        allow_blank=True,
        help_text="The id by which your own system knows the visitor; empty if you vouched for nobody.",
    )
    rating = RatingField(help_text="Whether the reader found the answer good.")
    comment = serializers.CharField(allow_blank=True, help_text="What the reader wrote; may be empty.")
    given_at = serializers.DateTimeField(help_text="When it was given, or last changed.")


EVENTS = [
    told(
        EventType.CONVERSATION_STARTED,
        ConversationStartedDataSerializer,
        when="The first message of a conversation is written.",
    ),
    told(
        EventType.CONVERSATION_FINISHED,
        ConversationFinishedDataSerializer,
        when="Somebody ended a conversation, or nobody goes on with it. A later question opens it again.",
    ),
    told(
        EventType.PERSON_REQUESTED,
        PersonRequestedDataSerializer,
        when="A person of the tenant is asked for in a conversation.",
    ),
    told(
        EventType.MESSAGE_CREATED,
        MessageCreatedDataSerializer,
        when="A question is asked, an answer has ended, or a person has written. One that failed is told of anew.",
    ),
    told(
        EventType.QUESTION_UNANSWERED,
        QuestionUnansweredDataSerializer,
        when="An answer has ended for which the documents held nothing.",
    ),
    told(
        EventType.FEEDBACK_GIVEN, FeedbackGivenDataSerializer, when="A reader rates an answer, or changes the rating."
    ),
]
