"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models


class EventType(models.TextChoices):
    """What a webhook can be told of."""

    CONVERSATION_FINISHED = "conversation.finished", "A conversation has ended"
    PERSON_REQUESTED = "conversation.person_requested", "A person is asked for"
    FEEDBACK_GIVEN = "feedback.given", "A reader rated an answer"
    DOCUMENT_READY = "document.ready", "A document can be answered from"
    DOCUMENT_FAILED = "document.failed", "A document could not be read"
    QUOTA_REACHED = "quota.reached", "A limit or budget is used up"
    PING = "ping", "A test, sent by hand"


class DeliveryState(models.TextChoices):
    """How far a delivery has got."""

    PENDING = "pending", "Pending"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
