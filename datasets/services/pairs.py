"""Writes questions with their answers into a dataset, changes and deletes them, and takes many in at once.

All of a dataset are in one document. What is written is found when the document's job has indexed it; what is deleted
is gone at once, and what is changed is found as it was until then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.db import locks
from chatcms.core.errortext import ErrorText
from chatcms.core.text.safety import seen
from datasets import quota
from datasets.enums import DocumentSource, DocumentState
from datasets.exceptions import NoSuchDatasetError, NoSuchPairError, PairError, QuestionTakenError, TooManyPairsError
from datasets.ingestion.pairs import remove_pair
from datasets.models import Dataset, Document, QAPair
from datasets.services.taking_in import enqueue
from tenants import audit
from tenants.types import Actor

MAX_QUESTION = 1000
MAX_ANSWER = 8000
MAX_PAIRS = 5000
DOCUMENT_NAME = "Questions and answers"
CONTENT_TYPE = "text/csv"
_MARK = hashlib.sha256(b"questions and answers").hexdigest()


class PairChanges(TypedDict, total=False):
    """What may be changed of a question with its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of many pairs that were taken in at once."""

    added: int
    changed: int
    unchanged: int


def add_pair(*, by: Actor, dataset: Dataset, question: str, answer: str) -> QAPair:
    """Write a question with its answer into the dataset and queue it to be indexed.

    Raises `PairError`, `QuestionTakenError` (with `pair_id`), `TooManyPairsError`, or a quota error for the first one.
    """
    question, answer = _checked(question, answer)
    with _document_of(dataset, by=by) as document:
        pair = QAPair(document=document, question=question, answer=answer, question_key=key_of(question))
        _check_free(pair)
        if QAPair.objects.filter(document=document).count() >= MAX_PAIRS:
            raise TooManyPairsError
        pair.created_by = by.id
        pair.save(force_insert=True)
        _to_be_indexed(document)
        audit.record("qa_pair.create", by=by, target=pair, dataset=str(dataset.pk))
    return pair


def put_pair(*, by: Actor, dataset: Dataset, question: str, answer: str) -> QAPair:
    """Write a question with its answer into the dataset, in the place of another answer to it; see `add_pair`."""
    question, _ = _checked(question, answer)
    known = QAPair.objects.filter(document__dataset=dataset, question_key=key_of(question)).first()
    if known is not None:
        return update_pair(by=by, pair=known, answer=answer)
    return add_pair(by=by, dataset=dataset, question=question, answer=answer)


def update_pair(*, by: Actor, pair: QAPair, **changes: Unpack[PairChanges]) -> QAPair:
    """Change a question or its answer and return the pair as it is now; only that one is embedded anew.

    Raises `PairError`, `QuestionTakenError` and `NoSuchPairError`.
    """
    with editing_pair(pair) as (document, row):
        question, answer = _checked(changes.get("question", row.question), changes.get("answer", row.answer))
        wanted = {"question": question, "answer": answer}
        changed = audit.changes(audit.values_of(row, wanted), wanted, sized=wanted)
        if changed:
            row.question, row.answer, row.question_key = question, answer, key_of(question)
            _check_free(row)
            row.is_indexed = False
            row.save(update_fields=["question", "answer", "question_key", "is_indexed", "updated_at"])
            _to_be_indexed(document)
            audit.record("qa_pair.update", by=by, target=row, fields=list(changed), changes=changed)
    return row


def delete_pair(*, by: Actor, pair: QAPair) -> None:
    """Delete a question with its answer and all by which it can be found; raise `NoSuchPairError`."""
    with editing_pair(pair) as (document, row):
        remove_pair(document, row)
        document.save(update_fields=["chunk_count", "term_total", "updated_at"])
        audit.record("qa_pair.delete", by=by, target=row)
        row.delete()


def take_in_pairs(*, by: Actor, dataset: Dataset, pairs: Sequence[tuple[str, str]]) -> Taken:
    """Write many questions with their answers; an answer takes the place of one to the same question. All or none.

    Raises `PairError` with pointers like `/3/answer`, and `TooManyPairsError`.
    """
    wanted = _checked_all(pairs)
    with _document_of(dataset, by=by) as document:
        known = {
            row.question_key: row
            for row in QAPair.objects.select_for_update().filter(document=document, question_key__in=wanted)
        }
        if QAPair.objects.filter(document=document).count() + len(wanted) - len(known) > MAX_PAIRS:
            raise TooManyPairsError
        new = [
            QAPair(document=document, question=question, answer=answer, question_key=key, created_by=by.id)
            for key, (question, answer) in wanted.items()
            if key not in known
        ]
        changed = [row for key, row in known.items() if (row.question, row.answer) != wanted[key]]
        now = timezone.now()
        for row in changed:
            (row.question, row.answer), row.is_indexed, row.updated_at = wanted[row.question_key], False, now
        QAPair.objects.bulk_create(new, batch_size=500)
        QAPair.objects.bulk_update(changed, ["question", "answer", "is_indexed", "updated_at"], batch_size=500)
        if new or changed:
            _to_be_indexed(document)
        audit.record("qa_pair.import", by=by, target=document, added=len(new), changed=len(changed))
    return Taken(len(new), len(changed), len(known) - len(changed))


def key_of(question: str) -> str:
    """Return what is equal for questions that differ in case and blanks only."""
    return hashlib.sha256(" ".join(question.casefold().split()).encode()).hexdigest()


@contextmanager
def _document_of(dataset: Dataset, *, by: Actor) -> Iterator[Document]:
    """Lend the dataset's document of pairs, locked, in a transaction; the first pair makes it."""
    mine = Document.objects.filter(dataset=dataset, source=DocumentSource.QA)
    with transaction.atomic():
        if not mine.exists():
            quota.check_document(0)
            # Another first pair may be quicker.
            with suppress(IntegrityError), transaction.atomic():
                _new_document(dataset, by=by)
        with locks.lent_row(mine, missing=NoSuchDatasetError()) as document:
            yield document


def _new_document(dataset: Dataset, *, by: Actor) -> Document:
    document = Document.objects.create(
        dataset=dataset,
        name=DOCUMENT_NAME,
        source=DocumentSource.QA,
        content_type=CONTENT_TYPE,
        size_bytes=0,
        sha256=_MARK,
        storage_key="",
        uploaded_by=by.id,
    )
    audit.record("document.add_qa", by=by, target=document)
    return document


@contextmanager
def editing_pair(pair: QAPair) -> Iterator[tuple[Document, QAPair]]:
    """Lend a pair and its document, both locked, in a transaction; raise `NoSuchPairError` when it is gone."""
    with (
        locks.lent_row(Document.objects.filter(pk=pair.document_id), missing=NoSuchPairError()) as document,
        locks.lent_row(QAPair.objects.filter(pk=pair.pk), missing=NoSuchPairError()) as row,
    ):
        row.document = document
        yield document, row


def _to_be_indexed(document: Document) -> None:
    """Queue the locked document."""
    document.state, document.error_code, document.error_detail = DocumentState.QUEUED, "", ""
    document.progress_done = document.progress_total = 0
    document.save(
        update_fields=["state", "error_code", "error_detail", "progress_done", "progress_total", "updated_at"]
    )
    enqueue(document, again=True)


def _check_free(pair: QAPair) -> None:
    other = QAPair.objects.filter(document_id=pair.document_id, question_key=pair.question_key).exclude(pk=pair.pk)
    if (taken := other.first()) is not None:
        raise QuestionTakenError(pair_id=str(taken.pk))


def _checked(question: str, answer: str) -> tuple[str, str]:
    question, answer = " ".join(seen(question).split()), seen(answer)
    if faults := _faults(question, answer):
        raise PairError({f"/{name}": text for name, text in faults.items()})
    return question, answer


def _checked_all(pairs: Sequence[tuple[str, str]]) -> Mapping[str, tuple[str, str]]:
    """Return the pairs by the keys of their questions; of two to the same question the later one counts."""
    checked: dict[str, tuple[str, str]] = {}
    found: dict[str, ErrorText] = {}
    for index, pair in enumerate(pairs):
        question, answer = " ".join(seen(pair[0]).split()), seen(pair[1])
        faults = _faults(question, answer)
        found |= {
            f"/{index}/{name}": ErrorText("Row %(row)s: %(fault)s", row=index + 1, fault=text)
            for name, text in faults.items()
        }
        checked[key_of(question)] = (question, answer)
    if found:
        raise PairError(found)
    return checked


def _faults(question: str, answer: str) -> dict[str, ErrorText]:
    faults = {}
    if not 0 < len(question) <= MAX_QUESTION:
        faults["question"] = ErrorText("Write a question of up to %(most)s characters.", most=MAX_QUESTION)
    if not 0 < len(answer) <= MAX_ANSWER:
        faults["answer"] = ErrorText("Write an answer of up to %(most)s characters.", most=MAX_ANSWER)
    return faults
