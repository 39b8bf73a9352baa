"""What a transcript shows of each message: who says it, its text, its sources, what was thought of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bots.enums import NoEvidence
from chat.enums import MessageRole, MessageStatus, Rating
from chat.models import Feedback, Message
from chat.templatetags.conversations import answer_facts
from chat.turns.citations import Quotes, quotes_for, shown_sources
from chat.turns.events import CURATED
from chat.turns.markup import html_of
from chat.turns.partwords import words_of


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A passage that an answer cites, as a numbered chip; without a quote once it was deleted, edited or withdrawn."""

    number: int
    document: str
    place: str
    quote: str


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """One message as `components/turn.html` shows it; `html` is by the one renderer, for what bots and people write."""

    id: UUID
    role: str
    who: str
    created_at: datetime
    message: Message
    text: str = ""
    html: SafeString | None = None
    sources: Sequence[ShownSource] = ()
    facts: str = ""
    notes: Sequence[str] = field(default_factory=list)
    feedback: Feedback | None = None

    @property
    def is_consulting(self) -> bool:
        """Whether the sources are those that its model was given, since it cites none."""
        return bool(self.sources) and not self.message.citations

    @property
    def is_answer(self) -> bool:
        """Whether a bot gave it, and it can be fixed."""
        return self.role == MessageRole.ASSISTANT and self.message.status != MessageStatus.STREAMING

    @property
    def line(self) -> str:
        """What besides its text one should know of an answer, in one line."""
        return " · ".join([*self.notes, *([answer_facts(self.message)] if self.is_answer else [])]).strip(" ·")

    @property
    def rating(self) -> str:
        """Whether a reader found it good (`up`) or bad (`down`); empty when nothing was said."""
        return Rating(self.feedback.rating).name.lower() if self.feedback else ""


def turns_of(messages: Iterable[Message], *, bot_name: str, asker: str) -> list[ShownTurn]:
    """Return the messages as they are shown; one query for the quotes of all."""
    rows = list(messages)
    quotes = quotes_for(rows)
    names = {MessageRole.USER: asker, MessageRole.ASSISTANT: bot_name}
    return [_turn(row, names.get(MessageRole(row.role), row.author_name), quotes) for row in rows]


def _turn(message: Message, who: str, quotes: Quotes) -> ShownTurn:
    is_asked = message.role == MessageRole.USER
    return ShownTurn(
        id=message.pk,
        role=message.role,
        who=who,
        created_at=message.created_at,
        message=message,
        text=words_of(message),
        html=None if is_asked else html_of(message),
        sources=[_source(one, quotes.get((message.pk, one["chunk_id"]))) for one in shown_sources(message)],
        notes=_notes(message),
        feedback=getattr(message, "feedback", None),
    )


def _source(citation: dict[str, Any], quote: str | None) -> ShownSource:
    page = _("page %(n)s") % {"n": citation["page"]} if citation.get("page") else ""
    place = " · ".join(part for part in (page, citation.get("section", "")) if part)
    gone = _("This passage has been deleted or changed since.")
    return ShownSource(citation["number"], citation["document"], place, gone if quote is None else quote)


def _notes(message: Message) -> list[str]:
    """What besides its text one should know of an answer."""
    if message.role != MessageRole.ASSISTANT:
        return []
    notes = []
    answered_by = message.retrieval.get("answered_by")
    if message.status == MessageStatus.STREAMING:
        notes.append(_("Being written"))
    elif message.status == MessageStatus.STOPPED:
        notes.append(_("Stopped before its end"))
    elif message.status == MessageStatus.FAILED:
        notes.append(_("Failed (%(code)s)") % {"code": message.error_code})
    if message.superseded:
        notes.append(_("Another answer took its place"))
    if answered_by == CURATED:
        notes.append(_("A curated answer"))
    elif answered_by == NoEvidence.HANDOFF:
        notes.append(_("Nothing was found, so a person was asked for"))
    elif message.retrieval.get("has_evidence") is False and message.retrieval.get("passages"):
        notes.append(_("The model found no answer in the passages"))
    elif message.retrieval.get("has_evidence") is False:
        notes.append(_("Nothing was found in the documents"))
    return notes
