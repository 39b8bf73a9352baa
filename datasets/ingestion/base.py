"""The values that pass between readers, splitter and pipeline; free of Django, since readers run alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

SECTION_SEPARATOR = " › "
# A heading goes with each of its chunks: a long one would be copied thousands of times.
LONGEST_HEADING = 250


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text from one place of a document: under one heading path, on one page."""

    text: str
    section: tuple[str, ...] = ()
    page: int | None = None


class NoticeCode(StrEnum):
    """What a reader tells of a file that it could read, but not all of; `datasets.notices` has the sentences."""

    PICTURE_PAGE = "picture_page"
    UNREADABLE_FONT = "unreadable_font"
    UNREAD_PART = "unread_part"
    UNSURE_ENCODING = "unsure_encoding"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the file's owner has to know: the pages that it is about, or what, in a word or two."""

    code: NoticeCode
    pages: tuple[int, ...] = ()
    what: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in a file: its blocks in reading order; `pages` when the format has pages."""

    blocks: tuple[Block, ...]
    pages: int | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block that fits a chunk; `start` and `end` are its characters in the block's text."""

    text: str
    section: tuple[str, ...]
    page: int | None
    tokens: int
    start: int
    end: int


class ReadError(Exception):
    """A file cannot be read; `code` names the case and `detail` is a sentence that its owner can act on."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(slots=True)
class Outline:
    """Follows headings as they pass and tells the path that the text at hand is under."""

    _open: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, level: int, heading: str) -> None:
        """Begin the section `heading`, closing those of the same or a deeper level."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, heading[:LONGEST_HEADING]))

    @property
    def path(self) -> tuple[str, ...]:
        """The headings from the outermost to the one at hand."""
        return tuple(heading for _, heading in self._open)


@dataclass(slots=True)
class SectionWriter:
    """Gathers lines into one block per section; headings with nothing under them lead the next block."""

    outline: Outline = field(default_factory=Outline)
    _blocks: list[Block] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _has_body: bool = False

    def heading(self, level: int, heading: str, *, shown: str) -> None:
        """Begin a section; `shown` is the heading as it stands in the text."""
        if self._has_body:
            self._flush()
        self.outline.enter(level, heading)
        self._lines.append(shown)

    def line(self, text: str) -> None:
        """Add a line to the section at hand."""
        self._lines.append(text)
        self._has_body = self._has_body or bool(text.strip())

    def blocks(self) -> tuple[Block, ...]:
        """Close the last section and return all blocks."""
        self._flush()
        return tuple(self._blocks)

    def _flush(self) -> None:
        text = "\n".join(self._lines).strip("\n")
        if text.strip():
            self._blocks.append(Block(text, self.outline.path))
        self._lines = []
        self._has_body = False
