"""Makes, changes and deletes the answers that people wrote, and counts how often they are given."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F

from bots import curated
from bots.exceptions import CuratedAnswerError, CuratedQuestionTakenError, NoSuchCuratedAnswerError, TooManyCuratedError
from bots.models import MAX_CURATED, MAX_PROMPT, MAX_VARIANTS, Bot, CuratedAnswer, CuratedQuestion
from bots.selectors import curated_answer_by_id
from bots.services import rows
from chatcms.core.errortext import ErrorText
from chatcms.core.text.safety import seen
from datasets import embedding
from datasets.types import Vector
from providers.exceptions import ProviderError
from tenants import audit
from tenants.types import Actor

logger = logging.getLogger(__name__)

MAX_QUESTION = 1000


class CuratedChanges(TypedDict, total=False):
    """What may be changed of a curated answer; `questions` replaces all of them."""

    answer: str
    questions: Sequence[str]
    is_active: bool


# What people wrote for visitors: a line tells its length alone, for it outlives the answer.
_KNOWLEDGE = {"answer", "questions"}


def create_curated_answer(
    *, by: Actor, bot: Bot, answer: str, questions: Sequence[str], is_active: bool = True
) -> CuratedAnswer:
    """Save an answer for these questions of a bot, embedded if the built-in model can be loaded. Blocks for that.

    Raises `CuratedAnswerError` with a pointer for each unacceptable value, `CuratedQuestionTakenError` when another
    active answer of the bot has one of the questions, `TooManyCuratedError` and `NoSuchBotError`.
    """
    variants = _variants(questions)
    row = CuratedAnswer(bot=bot, answer=_text(answer), is_active=is_active, created_by=by.id)
    with transaction.atomic():
        rows.locked(bot.pk, by=by)
        if CuratedAnswer.objects.filter(bot=bot).count() >= MAX_CURATED:
            raise TooManyCuratedError(limit=MAX_CURATED)
        if is_active:
            _check_free(row, variants)
        row.save(force_insert=True)
        _save_variants(row, variants)
        audit.record("curated_answer.create", by=by, target=row, bot=str(bot.pk))
    return curated_answer_by_id(row.pk)


def update_curated_answer(
    *, by: Actor, curated_answer: CuratedAnswer, **changes: Unpack[CuratedChanges]
) -> CuratedAnswer:
    """Change what is given and return the answer as it is now; new questions are embedded, which blocks.

    Raises `CuratedAnswerError`, `CuratedQuestionTakenError` and `NoSuchCuratedAnswerError`.
    """
    variants = _variants(changes["questions"]) if "questions" in changes else None
    with transaction.atomic():
        row = _locked(curated_answer, by=by)
        before = _told(row)
        row.answer = _text(changes.get("answer", row.answer))
        row.is_active = changes.get("is_active", row.is_active)
        if row.is_active:
            _check_free(row, variants)
        row.save()
        if variants is not None:
            row.questions.all().delete()
            _save_variants(row, variants)
        detail = audit.changes(before, _told(row), sized=_KNOWLEDGE)
        audit.record("curated_answer.update", by=by, target=row, changed=sorted(changes), changes=detail)
    return curated_answer_by_id(row.pk)


def delete_curated_answer(*, by: Actor, curated_answer: CuratedAnswer) -> None:
    """Delete an answer with its questions; raise `NoSuchCuratedAnswerError`."""
    with transaction.atomic():
        row = _locked(curated_answer, by=by)
        audit.record("curated_answer.delete", by=by, target=row)
        row.delete()


def record_hit(answer_id: uuid.UUID) -> None:
    """Count that an answer was given; one that is gone meanwhile is not missed. One statement."""
    CuratedAnswer.objects.filter(pk=answer_id).update(hit_count=F("hit_count") + 1)


def _told(row: CuratedAnswer) -> dict[str, Any]:
    questions = list(row.questions.order_by("seq").values_list("text", flat=True))
    return {**audit.values_of(row, ("answer", "is_active")), "questions": questions}


def _locked(curated_answer: CuratedAnswer, *, by: Actor) -> CuratedAnswer:
    """Lock the bot first, as everybody does: its answers change one at a time, so that no two share a question."""
    rows.locked(curated_answer.bot_id, by=by)
    row = CuratedAnswer.objects.select_for_update(no_key=True).filter(pk=curated_answer.pk).first()
    if row is None:
        raise NoSuchCuratedAnswerError
    return row


def _text(answer: str) -> str:
    answer = seen(answer)
    if not 0 < len(answer) <= MAX_PROMPT:
        raise CuratedAnswerError(
            {"/answer": ErrorText("Write an answer of up to %(most)s characters.", most=MAX_PROMPT)}
        )
    return answer


def _variants(questions: Sequence[str]) -> list[CuratedQuestion]:
    """Return unsaved questions with their vectors; raise `CuratedAnswerError`."""
    if not 0 < len(questions) <= MAX_VARIANTS:
        raise CuratedAnswerError({"/questions": ErrorText("Send 1 to %(most)s questions.", most=MAX_VARIANTS)})
    texts = [seen(text) for text in questions]
    plain = [curated.normalized(text) for text in texts]
    faults: dict[str, ErrorText] = {}
    for index, text in enumerate(texts):
        if len(text) > MAX_QUESTION:
            faults[f"/questions/{index}"] = ErrorText("A question has up to %(most)s characters.", most=MAX_QUESTION)
        elif not plain[index]:
            faults[f"/questions/{index}"] = ErrorText("There is no letter or digit in this question.")
        elif plain[index] in plain[:index]:
            faults[f"/questions/{index}"] = ErrorText("This is the same question as one before.")
    if faults:
        raise CuratedAnswerError(faults)
    return [
        CuratedQuestion(seq=seq, text=text, normalized=normalized, embedding=vector)
        for seq, (text, normalized, vector) in enumerate(zip(texts, plain, _vectors(texts), strict=True), 1)
    ]


def _vectors(texts: Sequence[str]) -> Sequence[Vector | None]:
    try:
        return [list(vector) for vector in embedding.embed_passages(embedding.local_model(), texts)]
    except ProviderError as error:
        logger.warning("Curated questions are matched by their words only: %s", error.detail)
        return [None] * len(texts)


def _check_free(row: CuratedAnswer, variants: Sequence[CuratedQuestion] | None) -> None:
    """Raise `CuratedQuestionTakenError` when another active answer of the bot has one of the questions."""
    if variants is None:
        asked = dict.fromkeys(row.questions.values_list("normalized", flat=True), "/is_active")
    else:
        asked = {one.normalized: f"/questions/{one.seq - 1}" for one in variants}
    others = CuratedQuestion.objects.filter(curated_answer__bot=row.bot_id, curated_answer__is_active=True)
    taken = others.exclude(curated_answer=row.pk).filter(normalized__in=asked)
    found = {asked[normalized]: text for normalized, text in taken.values_list("normalized", "text")}
    if found:
        raise CuratedQuestionTakenError(found)


def _save_variants(row: CuratedAnswer, variants: Sequence[CuratedQuestion]) -> None:
    for one in variants:
        one.curated_answer = row
    CuratedQuestion.objects.bulk_create(variants)
