"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models


class Channel(models.TextChoices):
    """The face through which a conversation is held."""

    API = "api", "API"
    OPENAI = "openai", "OpenAI-compatible API"
    PORTAL = "portal", "Portal"
    WIDGET = "widget", "Widget"


class MessageRole(models.TextChoices):
    """Who wrote a message."""

    USER = "user", "User"
    ASSISTANT = "assistant", "Assistant"


class MessageStatus(models.TextChoices):
    """How far an answer has got; a question is complete from the start."""

    STREAMING = "streaming", "Streaming"
    COMPLETE = "complete", "Complete"
    STOPPED = "stopped", "Stopped by the reader"
    FAILED = "failed", "Failed"


class Rating(models.IntegerChoices):
    """What a reader thinks of an answer."""

    UP = 1, "Good"
    DOWN = -1, "Bad"


class BudgetPeriod(models.TextChoices):
    """For how long an amount must last; in UTC."""

    DAY = "day", "Day"
    MONTH = "month", "Month"
