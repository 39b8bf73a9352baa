"""What callers may know of a bot."""

from __future__ import annotations

from bots.api.look import LookSerializer
from bots.models import Bot
from chatcms.core.api import serializers


class BotProfileSerializer(serializers.ModelSerializer[Bot]):
    """What everybody who may chat with a bot may know of it: no prompt, no provider."""

    look = LookSerializer(read_only=True, help_text="How its widget appears.")

    class Meta:
        model = Bot
        fields = ["id", "slug", "name", "description", "welcome_message", "suggested_questions", "look"]
        help_texts = {
            "description": "What the bot is for; may be empty.",
            "name": "What the bot is called.",
            "slug": "Its name in addresses; goes wherever a route takes its id.",
            "suggested_questions": "Questions to offer before the first one is asked.",
            "welcome_message": "What to say before the first question; empty: nothing.",
        }
