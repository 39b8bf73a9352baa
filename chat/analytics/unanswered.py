"""The latest questions that the documents held nothing on, grouped by meaning, by how many people asked them.

What somebody has seen to since is left out. Nothing of it is kept: a question whose conversation is deleted is gone
from here at once. A group that somebody has dismissed is shown apart, until one of its questions is asked again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from bots import curated
from chat.analytics.figures import bots_of
from chat.analytics.period import Period
from chat.enums import MessageStatus
from chat.models import DismissedQuestion, Message
from chatcms.core.db.ids import first_uuid7_of
from chatcms.core.exceptions import AppError
from datasets import embedding
from tenants.types import Actor

LOOKED_AT = 500
# So many wordings are compared by meaning, the ones that most people used; the others by their words.
MOST_EMBEDDED = 100
# A cosine: questions about one thing, which need not have one answer; those are told apart more strictly (ADR 10).
ALIKE = 0.72
EXAMPLES = 5


@dataclass(slots=True)
class Example:
    """One of the questions, and where it was asked."""

    question: str
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    asked_at: datetime


@dataclass(slots=True)
class Group:
    """Questions that mean the same; `question` is how most people put it.

    `message_id` is an answer by which the group is dismissed, or shown again. `dismissed_at` and `dismissed_by` tell
    who has done with it, unless it was asked again since.
    """

    question: str
    people: int
    asked: int
    last_asked_at: datetime
    examples: list[Example]
    message_id: uuid.UUID
    dismissed_at: datetime | None = None
    dismissed_by: str = ""


_Person = tuple[str, uuid.UUID | None]


@dataclass(slots=True)
class _Wording:
    digest: str
    people: set[_Person] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)

    @property
    def weight(self) -> tuple[int, int, datetime]:
        return len(self.people), len(self.examples), self.examples[0].asked_at


def unanswered(
    *, by: Actor, period: Period, bot_id: uuid.UUID | None = None, dismissed: bool = False, limit: int | None = 10
) -> list[Group]:
    """Return groups as `grouped` does: those to be seen to, or those that were dismissed."""
    found = grouped(by=by, period=period, bot_id=bot_id)
    return [group for group in found if (group.dismissed_at is not None) == dismissed][:limit]


def grouped(*, by: Actor, period: Period, bot_id: uuid.UUID | None = None) -> list[Group]:
    """Return groups of the last `LOOKED_AT` questions of a period, the one that most people asked first.

    Two queries. English questions are compared by meaning with the built-in model; others, and all while it cannot be
    loaded, are the same only but for case, accents and punctuation. A limited key sees its bots only.
    """
    wordings: dict[str, _Wording] = {}
    asked = _asked(by, period, bot_id)
    digests = {question: digest_of(question) for question in {one.question for one, _ in asked}}
    for example, person in asked:
        if digest := digests[example.question]:
            wording = wordings.setdefault(digest, _Wording(digest))
            wording.people.add(person)
            wording.examples.append(example)
    ranked = sorted(wordings.values(), key=lambda one: one.weight, reverse=True)
    dismissals = {row.wording: row for row in DismissedQuestion.objects.filter(wording__in=wordings)}
    groups = [_group(together, dismissals) for together in _together(ranked)]
    return sorted(groups, key=lambda one: (one.people, one.asked, one.last_asked_at), reverse=True)


def digest_of(question: str) -> str:
    """Return what questions of the same wording have in common, whatever their case, accents and punctuation.

    Empty when there is nothing in it to go by.
    """
    plain = curated.normalized(question)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest() if plain else ""


def _asked(by: Actor, period: Period, bot_id: uuid.UUID | None) -> list[tuple[Example, _Person]]:
    rows = Message.objects.filter(
        retrieval__contains={"has_evidence": False},
        reply_to__isnull=False,
        superseded=False,
        corrected_at__isnull=True,
        pk__gte=first_uuid7_of(period.begins),
        pk__lt=first_uuid7_of(period.ends),
    ).exclude(status__in=[MessageStatus.FAILED, MessageStatus.STREAMING])
    bots = bots_of(by, bot_id)
    if bots is not None:
        rows = rows.filter(conversation__bot__in=bots)
    # Whole rows would bring what the answers were made from, which is most of the work.
    columns = rows.order_by("-pk").values_list(
        "reply_to__content",
        "conversation_id",
        "pk",
        "created_at",
        "conversation__actor_type",
        "conversation__actor_id",
    )
    return [
        (Example(question, conversation, message, asked_at), (kind, person))
        for question, conversation, message, asked_at, kind, person in columns[:LOOKED_AT]
    ]


def _together(ranked: Sequence[_Wording]) -> list[list[_Wording]]:
    """Put each wording to the first one before it that means the same, if there is one."""
    compared = [one for one in ranked if curated.may_be_meant(one.examples[0].question)][:MOST_EMBEDDED]
    try:
        model = embedding.local_model()
        vectors = np.array([embedding.embed_question(model, one.examples[0].question) for one in compared])
    except AppError:
        return [[one] for one in ranked]
    leaders: list[int] = []
    groups: dict[int, list[_Wording]] = {}
    for index, one in enumerate(compared):
        near = [(float(vectors[index] @ vectors[leader]), leader) for leader in leaders]
        likeness, leader = max(near, default=(0.0, index))
        if likeness < ALIKE:
            leaders.append(leader := index)
        groups.setdefault(leader, []).append(one)
    known = {id(one) for one in compared}
    return [*groups.values(), *([one] for one in ranked if id(one) not in known)]


def _group(wordings: Sequence[_Wording], dismissals: Mapping[str, DismissedQuestion]) -> Group:
    leader, *_ = wordings
    examples = sorted((each for one in wordings for each in one.examples), key=lambda one: one.asked_at, reverse=True)
    group = Group(
        question=leader.examples[0].question,
        people=len({person for one in wordings for person in one.people}),
        asked=len(examples),
        last_asked_at=examples[0].asked_at,
        examples=examples[:EXAMPLES],
        message_id=leader.examples[0].message_id,
    )
    dismissed = [(dismissals[one.digest], one) for one in wordings if one.digest in dismissals]
    if dismissed:
        last, wording = max(dismissed, key=lambda pair: pair[0].dismissed_at)
        if last.dismissed_at >= group.last_asked_at:
            group.dismissed_at, group.dismissed_by = last.dismissed_at, last.actor_label
            group.message_id = wording.examples[0].message_id
    return group
