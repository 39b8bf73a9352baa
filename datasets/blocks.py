"""The values that pass between readers, splitter and pipeline; free of Django, since readers run alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

SECTION_SEPARATOR = " › "
# A heading goes with each of its chunks: a long one would be copied thousands of times.
LONGEST_HEADING = 250


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a table below its header row: characters `start` to `end` of a block's text."""

    start: int
    end: int
    header: str


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text from one place of a document: under one heading path, on one page.

    `tables` are in the order of the text; a piece that begins inside one repeats its header row.
    """

    text: str
    section: tuple[str, ...] = ()
    page: int | None = None
    tables: tuple[TableRows, ...] = ()


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
class Origin:
    """What is known of a file beside its content: the charset and address it came with, and the language to expect."""

    charset: str = ""
    address: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in a file: its blocks in reading order; `pages` when the format has pages."""

    blocks: tuple[Block, ...]
    pages: int | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block that fits a chunk; `start` and `end` are its characters in the block's text.

    `text` has a table's header row before these characters when they begin among its rows.
    """

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
    _headers: list[str] = field(default_factory=list)
    _has_body: bool = False

    def heading(self, level: int, heading: str, *, shown: str) -> None:
        """Begin a section; `shown` is the heading as it stands in the text."""
        if self._has_body:
            self._flush()
        self.outline.enter(level, heading)
        self._add(shown)

    def line(self, text: str, *, header: str = "") -> None:
        """Add a line to the section at hand; `header` is the header row of the table that it is a row of."""
        self._add(text, header)
        self._has_body = self._has_body or bool(text.strip())

    def blocks(self) -> tuple[Block, ...]:
        """Close the last section and return all blocks."""
        self._flush()
        return tuple(self._blocks)

    def _add(self, line: str, header: str = "") -> None:
        self._lines.append(line)
        self._headers.append(header)

    def _flush(self) -> None:
        whole = "\n".join(self._lines)
        text = whole.strip("\n")
        if text.strip():
            left_out = len(whole) - len(whole.lstrip("\n"))
            self._blocks.append(Block(text, self.outline.path, tables=tuple(self._tables(left_out))))
        self._lines, self._headers = [], []
        self._has_body = False

    def _tables(self, left_out: int) -> Iterator[TableRows]:
        """Yield the runs of lines that share a header row, `left_out` characters further to the front."""
        end = -left_out
        for header, run in groupby(zip(self._headers, self._lines, strict=True), key=itemgetter(0)):
            start = end
            end += sum(len(line) + 1 for _, line in run)
            if header:
                yield TableRows(start, end, header)
