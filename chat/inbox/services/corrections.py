"""Sees to it that a question which got a bad answer gets a good one from now on, in one step."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from bots.models import Bot, CuratedAnswer
from bots.selectors import bot_by_id, curated_match
from bots.services import create_curated_answer, update_curated_answer
from chat.enums import MessageRole
from chat.inbox.exceptions import AnsweredByCuratedError, NoQuestionError
from chat.models import Message
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from datasets.models import Dataset, QAPair
from datasets.selectors import datasets_with_counts
from datasets.services import put_pair
from tenants import audit
from tenants.types import Actor


class Into(StrEnum):
    """Where the right answer goes."""

    CURATED = "curated"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Correction:
    """What was made or changed: one of both."""

    curated_answer: CuratedAnswer | None = None
    pair: QAPair | None = None


@dataclass(frozen=True, slots=True)
class WantedCorrection:
    """The right answer to a question of a bot's, and where it goes; a dataset is named unless the bot has only one."""

    question: str
    answer: str
    into: Into = Into.CURATED
    dataset_id: uuid.UUID | None = None


def correct_message(*, by: Actor, message: Message, wanted: WantedCorrection) -> Correction:
    """Save the right answer to what a message asks or answers, and note on it that this was done.

    Without a question in `wanted` it is the message's own. `message` comes with its conversation. Raises
    `NoQuestionError`, `AnsweredByCuratedError`, and what `correct_question` raises.
    """
    question = wanted.question.strip() or question_of(message)
    if not question:
        raise NoQuestionError
    if wanted.into == Into.DATASET and message.curated_answer_id is not None:
        raise AnsweredByCuratedError(curated_answer_id=str(message.curated_answer_id))
    bot = bot_by_id(message.conversation.bot_id, by=by)
    done = correct_question(
        by=by, bot=bot, wanted=WantedCorrection(question, wanted.answer, wanted.into, wanted.dataset_id)
    )
    with transaction.atomic():
        now = timezone.now()
        Message.objects.filter(pk=message.pk).update(corrected_at=now)
        message.corrected_at = now
        audit.record("message.correct", by=by, target=message, label=str(message.pk), into=wanted.into.value)
    return done


def correct_question(*, by: Actor, bot: Bot, wanted: WantedCorrection) -> Correction:
    """Save the right answer to a question of a bot's, in the place of one that people wrote for the same question.

    As a curated answer it is given at once and as it is, without a model; in a dataset the bot answers from it when it
    is indexed. Blocks: what is curated is embedded. Raises what the services of both raise, and `InvalidInputError`
    for a dataset that the bot does not answer from.
    """
    if wanted.into == Into.DATASET:
        dataset = _dataset(by, bot, wanted.dataset_id)
        return Correction(pair=put_pair(by=by, dataset=dataset, question=wanted.question, answer=wanted.answer))
    known = curated_match(bot.pk, wanted.question, embedding=None)
    if known is not None:
        return Correction(curated_answer=update_curated_answer(by=by, curated_answer=known, answer=wanted.answer))
    made = create_curated_answer(by=by, bot=bot, answer=wanted.answer, questions=[wanted.question])
    return Correction(curated_answer=made)


def question_of(message: Message) -> str:
    """Return what a message asks, or what it answers; empty when that is gone."""
    if message.role == MessageRole.USER:
        return message.content
    if message.reply_to is not None:
        return message.reply_to.content
    earlier = Message.objects.filter(
        conversation_id=message.conversation_id, role=MessageRole.USER, seq__lt=message.seq
    )
    found = earlier.order_by("-seq").values_list("content", flat=True).first()
    return found or ""


def datasets_for(bot: Bot, *, by: Actor) -> list[Dataset]:
    """Return the datasets that the bot answers from and `by` may use, in the bot's order."""
    found = {dataset.pk: dataset for dataset in datasets_with_counts(by=by).filter(pk__in=bot.dataset_ids)}
    return [found[dataset_id] for dataset_id in bot.dataset_ids if dataset_id in found]


def _dataset(by: Actor, bot: Bot, dataset_id: uuid.UUID | None) -> Dataset:
    possible = datasets_for(bot, by=by)
    if dataset_id is None and len(possible) == 1:
        return possible[0]
    chosen = next((dataset for dataset in possible if dataset.pk == dataset_id), None)
    if chosen is None:
        complaint = (
            ErrorText("The bot does not answer from this dataset.")
            if dataset_id
            else ErrorText("Name one of the bot's datasets.")
        )
        raise InvalidInputError(complaint, errors=[{"pointer": "/dataset_id", "detail": complaint, "code": "unknown"}])
    return chosen
