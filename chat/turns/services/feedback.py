"""Keeps what readers think of answers."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chat.enums import Rating
from chat.models import Feedback, Message
from chatcms.core.text.safety import seen
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit, forget_feedback
from tenants import audit
from tenants.types import Actor

MAX_COMMENT = 2000


def give_feedback(*, by: Actor, message: Message, rating: Rating, comment: str = "") -> Feedback:
    """Keep what the reader thinks of an answer in place of anything said before, and tell the webhooks.

    `message` comes with its conversation. Saying the same again changes nothing.
    """
    comment = seen(comment)
    with transaction.atomic():
        # Of two at once the second waits here, and then goes by what the first has left.
        Message.objects.select_for_update(of=("self",), no_key=True).get(pk=message.pk)
        known = Feedback.objects.filter(message=message).first()
        if known and (known.rating, known.comment) == (rating, comment):
            return known
        feedback = known or Feedback(message=message)
        feedback.rating, feedback.comment = rating, comment
        feedback.actor_type, feedback.actor_id = by.type, by.id
        feedback.save()
        _count(message, rating)
        audit.record("feedback.give", by=by, target=feedback, label=str(message.pk), rating=rating.name.lower())
        _tell(feedback, message)
    return feedback


def withdraw_feedback(*, by: Actor, message: Message) -> None:
    """Take back what the reader said of an answer; nothing happens when nothing was said."""
    with transaction.atomic():
        feedback = Feedback.objects.select_for_update().filter(message=message).first()
        if feedback is not None:
            audit.record("feedback.withdraw", by=by, target=feedback, label=str(message.pk))
            forget_feedback(feedback.pk)
            feedback.delete()
            _count(message, None)


def _count(message: Message, rating: Rating | None) -> None:
    """Note the rating with the usage, which stays when the conversation is deleted."""
    message.usage.exclude(outcome="").update(rating=rating, changed_at=timezone.now())


def _tell(feedback: Feedback, message: Message) -> None:
    conversation = message.conversation
    payload = {
        "feedback_id": str(feedback.pk),
        "message_id": str(message.pk),
        "conversation_id": str(conversation.pk),
        "bot_id": str(conversation.bot_id),
        "channel": conversation.channel,
        "visitor_ref": conversation.visitor_ref,
        "rating": Rating(feedback.rating).name.lower(),
        "comment": feedback.comment,
        "given_at": feedback.updated_at.isoformat(),
    }
    emit(type=EventType.FEEDBACK_GIVEN, payload=payload)
