"""Notes that somebody has done with a question nothing was found for, or takes that back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chat.analytics.unanswered import digest_of
from chat.inbox.exceptions import NoQuestionError
from chat.inbox.services.corrections import question_of
from chat.models import DismissedQuestion, Message
from tenants import audit
from tenants.types import Actor


def dismiss_question(*, by: Actor, message: Message) -> None:
    """Leave the question that a message asks or answers out of what is to be seen to, until it is asked again.

    With it whatever means the same, whichever bot it was asked. Raises `NoQuestionError`.
    """
    wording = _wording_of(message)
    who = {"actor_type": by.type, "actor_id": by.id, "actor_label": by.label}
    with transaction.atomic():
        DismissedQuestion.objects.update_or_create(wording=wording, defaults={"dismissed_at": timezone.now(), **who})
        audit.record("question.dismiss", by=by, target=message, label=str(message.pk))


def show_question_again(*, by: Actor, message: Message) -> None:
    """Take a dismissal back; nothing happens when the question was not dismissed in these words.

    Raises `NoQuestionError`.
    """
    wording = _wording_of(message)
    with transaction.atomic():
        deleted, _ = DismissedQuestion.objects.filter(wording=wording).delete()
        if deleted:
            audit.record("question.show_again", by=by, target=message, label=str(message.pk))


def _wording_of(message: Message) -> str:
    wording = digest_of(question_of(message))
    if not wording:
        raise NoQuestionError
    return wording
