"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventType(models.TextChoices):
    """What a webhook can be told of."""

    CONVERSATION_FINISHED = "conversation.finished", _("A conversation has ended")
    PERSON_REQUESTED = "conversation.person_requested", _("A person is asked for")
    FEEDBACK_GIVEN = "feedback.given", _("A reader rated an answer")
    DOCUMENT_READY = "document.ready", _("A document can be answered from")
    DOCUMENT_FAILED = "document.failed", _("A document could not be read")
    QUOTA_REACHED = "quota.reached", _("A limit or budget is used up")
    PING = "ping", _("A test, sent by hand")


class DeliveryState(models.TextChoices):
    """How far a delivery has got."""

    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
