"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The face through which a conversation is held."""

    API = "api", _("API")
    OPENAI = "openai", _("OpenAI-compatible API")
    PORTAL = "portal", _("Portal")
    WIDGET = "widget", _("Widget")


class MessageRole(models.TextChoices):
    """Who wrote a message."""

    USER = "user", "User"
    ASSISTANT = "assistant", "Assistant"
    PERSON = "person", "Person"


class Handling(models.TextChoices):
    """Who answers in a conversation; while a person is waited for, the bot goes on."""

    BOT = "bot", _("The bot")
    REQUESTED = "requested", _("The bot, until a person comes")
    PERSON = "person", _("A person")


class RequestReason(models.TextChoices):
    """Why a person was asked for; the product itself knows the first two, programs may give any."""

    CUSTOMER_REQUEST = "customer_request", "They asked for a person"
    MISSING_KNOWLEDGE = "missing_knowledge", "The documents hold no answer"
    UNSUPPORTED_REQUEST = "unsupported_request", "The bot cannot do what they want"
    POLICY_RESTRICTION = "policy_restriction", "The bot may not answer this"
    TOOL_FAILURE = "tool_failure", "Something that the bot needs has failed"
    PENDING_CLARIFICATION = "pending_clarification", "The bot did not understand"
    USAGE_LIMIT = "usage_limit", "A limit is reached"


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


class Detail(models.TextChoices):
    """By what sums are divided; the fewer, the quicker they are read."""

    DAY = "day", "By day"
    BOT = "bot", "By day and bot"
    FULL = "full", "By day, bot, model and channel"


class Span(models.TextChoices):
    """How long a time a sum is of."""

    DAY = "day", "A day"
    MONTH = "month", "A month"


class BudgetPeriod(models.TextChoices):
    """For how long an amount must last; in UTC."""

    DAY = "day", _("Day")
    MONTH = "month", _("Month")
