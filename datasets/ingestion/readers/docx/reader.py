"""Puts a Word document together from its parts: text, notes where they are referred to, headers and footers once."""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from datasets.blocks import Block, Notice, NoticeCode, ReadError, Reading
from datasets.ingestion.readers.docx.charts import Chart
from datasets.ingestion.readers.docx.frames import COMMENT, ENDNOTE, FOOTNOTE, PAGE_NUMBER, Found, Section, Surroundings
from datasets.ingestion.readers.docx.lines import Body, Line, Lines
from datasets.ingestion.readers.docx.numbering import Numbering, NumberingReader
from datasets.ingestion.readers.docx.package import Budget, Package, Relationship, is_word_document
from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.story import Story
from datasets.ingestion.readers.docx.styles import Styles, StylesReader, is_on
from datasets.ingestion.readers.registry import Progress

_NOTES: Final = ((FOOTNOTE, "footnotes"), (ENDNOTE, "endnotes"), (COMMENT, "comments"))
# Word saves pages with their pictures as a mail.
_MAIL: Final = frozenset({"message/rfc822", "application/x-mimearchive"})
_MOST_NESTED: Final = 3
# A document of pictures has a title or a few captions at most.
_HARDLY_ANY_TEXT: Final = 200
_FEW_WORDS: Final = 3
_FIRST, _EVEN = "first", "even"


def read(path: Path, _progress: Progress) -> Reading:
    """Return one block for the text under each heading. Raises `ReadError` for what cannot be read."""
    try:
        with path.open("rb") as file:
            return reading_of(file, Budget())
    except (zipfile.BadZipFile, expat.ExpatError, NotImplementedError, EOFError, LookupError, ValueError) as error:
        raise ReadError(
            "damaged", "This Word file is damaged and cannot be opened. Save it again and upload the new file."
        ) from error


def reading_of(file: IO[bytes], budget: Budget, *, depth: int = 0) -> Reading:
    """Read a Word file, which may be inside `depth` others. Raises `ReadError`, or what its libraries raise."""
    document = _Document(Package(file, budget), depth)
    body = Body()
    found = document.tell(document.main, body)
    blocks = (*body.blocks(), *document.margins(found.sections))
    if not blocks:
        raise ReadError("empty", _nothing(found))
    return Reading(blocks, notices=tuple(_notices(blocks, found)))


class _Document:
    """The parts of one document, and what they know of each other."""

    def __init__(self, package: Package, depth: int) -> None:
        self.main = package.main_part()
        self._package = package
        self._depth = depth
        self._unread: list[str] = []
        self._styles = self._read_styles()
        self._numbering = self._read_numbering()
        self._notes: dict[tuple[str, str], str] = {}
        self._read_notes()

    def tell(self, part: str, sink: Body | Lines, *, is_margin: bool = False) -> Found:
        """Add the lines of a part to `sink`, and return what else there is in it."""
        links = self._package.relationships(part)
        surroundings = Surroundings(
            self._styles,
            self._numbering,
            self._notes,
            links,
            inserted=lambda name: self._inserted(links.get(name)),
            is_margin=is_margin,
        )
        story = Story(sink, surroundings)
        self._package.parse(part, story)
        story.finish()
        story.found.unread += self._unread
        return story.found

    def margins(self, sections: Iterable[Section]) -> list[Block]:
        """Return a block with all headers and footers that pages have; each line once."""
        related = self._package.relationships(self.main)
        parts = [related[name].target for name in self._shown(sections) if name in related]
        lines = Lines()
        for part in dict.fromkeys(parts):
            if part in self._package:
                self.tell(part, lines, is_margin=True)
        texts = (_without_page_numbers(line.text) for line in lines.lines)
        text = "\n".join(dict.fromkeys(text for text in texts if text))
        return [Block(text)] if text else []

    def _shown(self, sections: Iterable[Section]) -> Iterable[str]:
        """Yield the ids of headers, then of footers, that are on some page."""
        even_differ = self._even_pages_differ()
        shown = [
            (kind, name)
            for section in sections
            for kind, occasion, name in section.references
            if (occasion != _FIRST or section.first_page_differs) and (occasion != _EVEN or even_differ)
        ]
        for kind in ("w:headerReference", "w:footerReference"):
            yield from (name for one, name in shown if one == kind)

    def _read_styles(self) -> Styles:
        part = self._package.related(self.main, "styles", usual="styles.xml")
        reader = StylesReader()
        if part is not None:
            self._package.parse(part, reader)
        return reader.styles

    def _read_numbering(self) -> Numbering:
        part = self._package.related(self.main, "numbering", usual="numbering.xml")
        reader = NumberingReader()
        if part is not None:
            self._package.parse(part, reader)
        return reader.numbering

    def _read_notes(self) -> None:
        for kind, name in _NOTES:
            part = self._package.related(self.main, name, usual=f"{name}.xml")
            if part is not None:
                found = self.tell(part, Lines())
                self._notes |= {(kind, key): text for key, text in found.notes.items()}

    def _even_pages_differ(self) -> bool:
        part = self._package.related(self.main, "settings", usual="settings.xml")
        settings = _Settings()
        if part is not None:
            self._package.parse(part, settings)
        return settings.even_pages_differ

    def _inserted(self, link: Relationship | None) -> list[Line]:
        """Return the lines of a chart, a diagram or a file of another kind that the document takes in."""
        if link is None or link.is_external or link.target not in self._package:
            return []
        if link.kind == "chart":
            chart = Chart()
            self._package.parse(link.target, chart)
            return [Line(text) for text in chart.lines()]
        if link.kind == "diagramData":
            lines = Lines()
            self.tell(link.target, lines)
            return lines.lines
        return self._lines_of_file(link.target)

    def _lines_of_file(self, part: str) -> list[Line]:
        kind = self._package.content_type(part)
        reading = self._read_file(part, kind)
        if reading is None:
            self._unread.append(kind or part.rpartition(".")[2])
            return []
        return list(_lines_of(reading))

    def _read_file(self, part: str, kind: str) -> Reading | None:
        # Here and not above: hardly any document needs them.
        from datasets.ingestion.readers import decoding, html

        if kind in _MAIL:
            page = _page_of_mail(self._package.read(part))
            return html.reading_of(page) if page else None
        if "html" in kind:
            return html.reading_of(self._package.read(part))
        if kind == "text/plain":
            return Reading((Block(decoding.decode(self._package.read(part))),))
        if is_word_document(kind) and self._depth < _MOST_NESTED:
            file = io.BytesIO(self._package.read(part))
            return reading_of(file, self._package.budget, depth=self._depth + 1)
        return None


class _Settings:
    """Takes the settings of a document, of which one matters."""

    def __init__(self) -> None:
        self.even_pages_differ = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        if tag == "w:evenAndOddHeaders":
            self.even_pages_differ = is_on(attributes)

    def end(self, tag: str) -> None:
        """Leave the end of an element."""

    def data(self, text: str) -> None:
        """Leave text: there is none."""


def _page_of_mail(raw: bytes) -> bytes:
    """Return the page in a web archive, which is a mail with a page and its pictures; b"" if there is none."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            return page if isinstance(page, bytes) else b""
    return b""


def _lines_of(reading: Reading) -> Iterable[Line]:
    """Yield the lines of what another reader read, its headings as headings."""
    before: tuple[str, ...] = ()
    for block in reading.blocks:
        lines = block.text.split("\n")
        for level, heading in enumerate(block.section, 1):
            if heading not in before and lines and lines[0].lstrip("# ") == heading:
                yield Line(lines.pop(0).lstrip("# "), level)
        yield from map(Line, lines)
        before = block.section


def _without_page_numbers(text: str) -> str:
    """Return a line of a header without what counts pages: "Page 3 of 10" between its tabs."""
    kept = []
    for part in text.split("\t"):
        words = part.replace(PAGE_NUMBER, " ").split()
        if PAGE_NUMBER not in part:
            kept.append(part.strip())
        elif len(words) > _FEW_WORDS:
            kept.append(" ".join(words))
    return "\t".join(filter(None, kept))


def _notices(blocks: Iterable[Block], found: Found) -> Iterable[Notice]:
    for what in dict.fromkeys(filter(None, found.unread)):
        yield Notice(NoticeCode.UNREAD_PART, what=what)
    if found.pictures and sum(len(block.text) for block in blocks) < _HARDLY_ANY_TEXT:
        yield Notice(NoticeCode.UNREAD_PART, what=_pictures(found.pictures))


def _nothing(found: Found) -> str:
    if found.pictures:
        what = _pictures(found.pictures)
        return f"This Word file has {what} and no text in it. Upload a file that has text, or recognised text (OCR)."
    return "This Word file has no text in it. Upload a file that has text."


def _pictures(count: int) -> str:
    return f"{count} pictures" if count > 1 else "1 picture"
