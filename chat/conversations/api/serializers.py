"""Shapes of conversations as those see them who hold them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.enums import Handling
from chat.models import TITLE_LENGTH, Conversation
from chat.turns.api.serializers import (
    ABOUT_HANDLING,
    PersonSerializer,
)
from chat.visitors.api.serializers import BotProfileSerializer
from chatcms.core.api import serializers


class WhoAnswersSerializer(serializers.ModelSerializer[Conversation]):
    """Who answers in a conversation: the bot, the bot until a person comes, or a person, who is named then."""

    handling = serializers.ChoiceField(choices=Handling.choices, help_text=ABOUT_HANDLING)
    person = serializers.SerializerMethodField(
        help_text="The person who has the conversation; null while the bot answers."
    )
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


class ConversationSerializer(WhoAnswersSerializer):
    """A conversation of the caller."""

    bot = BotProfileSerializer(read_only=True, help_text="The bot that it is held with.")

    class Meta:
        model = Conversation
        fields = [
            "id", "bot", "title", "channel", "message_count", "handling", "person", "requested_at", "started_at",
            "last_message_at", "ended_at",
        ]  # fmt: skip
        help_texts = {
            "channel": "The face through which it is held.",
            "ended_at": "When it ended; null while it goes on. A later question opens it again.",
            "last_message_at": "When the last message was written.",
            "message_count": "How many messages it has.",
            "started_at": "When it began.",
            "title": "What it is called: the beginning of its first question, unless it was given a title.",
        }


class TitleSerializer(serializers.Serializer[Any]):
    """Another title for a conversation."""

    title = serializers.CharField(max_length=TITLE_LENGTH, help_text="What the conversation is to be called.")


class RatingsSerializer(serializers.Serializer[Any]):
    """How often answers were rated good and bad."""

    up = serializers.IntegerField(help_text="How often answers were found good.")
    down = serializers.IntegerField(help_text="How often answers were found bad.")
