"""What is kept of an element of a document while it is open, and what a document knows of its surroundings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from datasets.ingestion.readers.docx.formulas import Structure
from datasets.ingestion.readers.docx.inline import Inline
from datasets.ingestion.readers.docx.lines import Line
from datasets.ingestion.readers.docx.numbering import Numbering
from datasets.ingestion.readers.docx.package import Relationship
from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.styles import PLAIN, RunFormat, Styles

# Stands where a page's number did; no XML can hold it.
PAGE_NUMBER: Final = "\x00"
FOOTNOTE, ENDNOTE, COMMENT = "footnote", "endnote", "comment"


class Frame:
    """An open element: its text so far, how its letters are set, and its arguments if it is part of a formula.

    `read_before` is how much had been read when it began. Documents have millions: what few need is made on demand.
    """

    __slots__ = ("_inline", "_structure", "attributes", "format", "read_before", "resolved", "run_style", "tag")

    def __init__(self, tag: str, attributes: Attributes, read_before: int = 0) -> None:
        self.tag = tag
        self.attributes = attributes
        self.read_before = read_before
        self.format = PLAIN
        self.run_style = ""
        self.resolved: RunFormat | None = None
        self._inline: Inline | None = None
        self._structure: Structure | None = None

    @property
    def inline(self) -> Inline:
        """Return what gathers its text."""
        if self._inline is None:
            self._inline = Inline()
        return self._inline

    @property
    def structure(self) -> Structure:
        """Return what gathers its arguments."""
        if self._structure is None:
            self._structure = Structure()
        return self._structure

    def text(self) -> str:
        """Return its text."""
        return "" if self._inline is None else self._inline.value()


@dataclass(slots=True)
class Paragraph:
    """An open paragraph: what it is, and what hangs on it, boxes and notes."""

    style: str = ""
    outline: int | None = None
    number: str | None = None
    number_level: int | None = None
    is_drop_cap: bool = False
    mark_is_deleted: bool = False
    mark_is_hidden: bool = False
    boxes: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """The headers and footers of a section, as kind, occasion and id, and whether its first page has others."""

    references: list[tuple[str, str, str]] = field(default_factory=list)
    first_page_differs: bool = False


@dataclass(slots=True)
class Found:
    """What else a story turned out to have."""

    sections: list[Section] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    pictures: int = 0
    unread: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Surroundings:
    """What the parts around a story say: styles, lists, notes by kind and id, links, and texts put into it by id.

    Of headers and footers, which are a page's margin, the numbers of pages are left out.
    """

    styles: Styles = field(default_factory=Styles)
    numbering: Numbering = field(default_factory=Numbering)
    notes: dict[tuple[str, str], str] = field(default_factory=dict)
    links: dict[str, Relationship] = field(default_factory=dict)
    inserted: Callable[[str], list[Line]] = lambda _id: []
    is_margin: bool = False
