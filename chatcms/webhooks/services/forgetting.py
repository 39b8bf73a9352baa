"""Forgets the events that tell of what was erased: they hold copies of comments and of visitors' names."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from chatcms.webhooks.models import WebhookEvent


def forget_conversations(ids: Iterable[uuid.UUID]) -> None:
    """Delete what webhooks were, or are to be, told of these conversations of the tenant in force.

    The log of deliveries goes with it, since a receiver may have sent back what it got.
    """
    WebhookEvent.objects.filter(payload__conversation_id__in=[str(one) for one in ids]).delete()


def forget_feedback(feedback_id: uuid.UUID) -> None:
    """Delete what webhooks were, or are to be, told of a reader's opinion that was withdrawn."""
    WebhookEvent.objects.filter(payload__feedback_id=str(feedback_id)).delete()
