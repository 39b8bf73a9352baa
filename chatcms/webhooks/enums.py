"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

# In place of single events: all of them, also those that later versions add.
EVERYTHING = "*"


class EventType(models.TextChoices):
    """What a webhook can be told of."""

    CONVERSATION_STARTED = "conversation.started", _("A conversation has begun")
    CONVERSATION_FINISHED = "conversation.finished", _("A conversation has ended")
    PERSON_REQUESTED = "conversation.person_requested", _("A person is asked for")
    MESSAGE_CREATED = "message.created", _("A message is written")
    QUESTION_UNANSWERED = "question.unanswered", _("The documents held nothing on a question")
    FEEDBACK_GIVEN = "feedback.given", _("A reader rated an answer")
    DOCUMENT_READY = "document.ready", _("A document can be answered from")
    DOCUMENT_FAILED = "document.failed", _("A document could not be read")
    BOT_PUBLISHED = "bot.published", _("A version of a bot is published")
    QUOTA_REACHED = "quota.reached", _("A limit or budget is used up")
    PING = "ping", _("A test, sent by hand")


# What a webhook may ask to be told of.
LISTENED = [(EVERYTHING, _("Everything, also what later versions add")), *EventType.choices]
# What may happen in a turn, which asks once whether anybody wants to know.
OF_TURNS = (EventType.CONVERSATION_STARTED, EventType.MESSAGE_CREATED, EventType.QUESTION_UNANSWERED)


class DeliveryState(models.TextChoices):
    """How far a delivery has got."""

    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
