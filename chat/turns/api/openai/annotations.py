"""Says where an answer comes from as OpenAI does: annotations, each a place in the text and an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from chat.turns.engine.gathered import Gathered
from chat.turns.engine.marks import places
from chat.turns.sources import Source
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class Annotation:
    """A source: the characters of its mark in the text, and what it is called and found by.

    Where the answer has no mark of it, since it cites nothing, the place is the end of the text.
    """

    start: int
    end: int
    title: str
    url: str

    def shown(self) -> dict[str, Any]:
        """Return it as it stands beneath `url_citation`."""
        return {"start_index": self.start, "end_index": self.end, "title": self.title, "url": self.url}


def annotations_of(answer: Gathered, text: str, *, by: Actor) -> list[Annotation]:
    """Return the annotations of an answer's text, by their places: what it cites, or what the answer was made from."""
    cited = {source.number: source for source in answer.cited}
    marks = [(start, end, cited[number]) for start, end, numbers in places(text, cited) for number in numbers]
    if not cited:
        marks = [(len(text), len(text), source) for source in consulted_by(answer)]
    return [Annotation(start, end, title_of(source), address_of(source, by=by)) for start, end, source in marks]


def consulted_by(answer: Gathered) -> Sequence[Source]:
    """Return the passages that an answer was made from which cites none."""
    return answer.done.consulted if answer.done else ()


def title_of(source: Source) -> str:
    """Return what a source is called: its document, and the page."""
    return f"{source.document}, page {source.page}" if source.page else source.document


def address_of(source: Source, *, by: Actor) -> str:
    """Return where a source is found: the page that it was fetched from, or else its document in the API.

    The latter is opened with a key that may read datasets; it never changes. Visitors are told no other one.
    """
    if source.url and by.type != "visitor":
        return source.url
    place = f"#page={source.page}" if source.page else ""
    return f"{settings.PUBLIC_URL}/v1/tenant/documents/{source.document_id}/download{place}"
