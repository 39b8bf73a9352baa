"""Reads Word documents straight from their XML: headings, paragraphs, tables, text boxes and notes.

The walk is over the XML and not over a document model, since the latter leaves out text inside content
controls, tracked insertions and text boxes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from datasets.ingestion.base import ReadError, Reading, SectionWriter
from datasets.ingestion.readers.registry import ACCEPTED, Progress

MAX_ENTRIES = 10_000
MAX_PART_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
_RATIO_MATTERS_ABOVE = 5 * 1024 * 1024

_MAIN_TYPES = re.compile(
    r"application/vnd\.(?:openxmlformats-officedocument\.wordprocessingml\.(?:document|template)"
    r"|ms-word\.(?:document|template)\.macroEnabled(?:Template)?)\.main\+xml"
)
_HEADING_STYLE = re.compile(r"heading (\d)\Z", re.IGNORECASE)
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "sdtPr", "rPr"})
_TITLE_LEVEL = 0

Event = tuple[str, str, ElementTree.Element]


def read(path: Path, _progress: Progress) -> Reading:
    """Return one block for the text under each heading. Raises `ReadError` for what cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, ElementTree.ParseError, NotImplementedError, EOFError, UnicodeError) as error:
        raise ReadError(
            "damaged", "This Word file is damaged and cannot be opened. Save it again and upload the new file."
        ) from error


def _read(archive: zipfile.ZipFile) -> Reading:
    names = archive.namelist()
    if len(names) > MAX_ENTRIES:
        raise _bomb()
    main = _main_part(archive, names)
    folder = main.rpartition("/")[0]
    styles = _styles(archive, f"{folder}/styles.xml") if f"{folder}/styles.xml" in names else {}
    writer = SectionWriter()
    _write(archive, main, styles, writer)
    for notes in ("footnotes", "endnotes"):
        if f"{folder}/{notes}.xml" in names:
            writer.line("")
            _write(archive, f"{folder}/{notes}.xml", {}, writer)
    blocks = writer.blocks()
    if not blocks:
        raise ReadError("empty", "This Word file has no text in it. Upload a file that has text.")
    return Reading(blocks)


def _main_part(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "[Content_Types].xml" in names:
        for _, tag, element in _events(archive, "[Content_Types].xml"):
            if tag == "Override" and _MAIN_TYPES.fullmatch(element.get("ContentType", "")):
                part = element.get("PartName", "").lstrip("/")
                if part in names:
                    return part
    raise ReadError(
        "unsupported_type", f"This file is an archive, but no Word document. Upload one of these: {ACCEPTED}."
    )


def _open(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    info = archive.getinfo(name)
    if info.flag_bits & 0x1:
        raise ReadError("encrypted", "This file is protected by a password. Remove it and upload the file again.")
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > MAX_PART_BYTES or (info.file_size > _RATIO_MATTERS_ABOVE and ratio > MAX_RATIO):
        raise _bomb()
    return archive.open(info)


def _events(archive: zipfile.ZipFile, name: str) -> Iterator[Event]:
    """Yield the start and end of each element with its local name; elements are emptied as they end."""
    with _open(archive, name) as part:
        head = part.peek(1024)[:1024] if hasattr(part, "peek") else b""
        if b"<!DOCTYPE" in head:
            raise ReadError("damaged", "This Word file has declarations in it that no Word file should have.")
        # Entities cannot be declared without the DOCTYPE refused above.
        for event, element in ElementTree.iterparse(part, events=("start", "end")):  # noqa: S314
            yield event, element.tag.rpartition("}")[2], element
            if event == "end":
                element.clear()


def _attribute(element: ElementTree.Element, local_name: str) -> str:
    for name, value in element.attrib.items():
        if name.rpartition("}")[2] == local_name:
            return value
    return ""


def _styles(archive: zipfile.ZipFile, name: str) -> dict[str, int]:
    """Return the heading level of each style that is, or is based on, a heading."""
    levels: dict[str, int] = {}
    parents: dict[str, str] = {}
    style = ""
    for event, tag, element in _events(archive, name):
        if event == "start" and tag == "style":
            style = _attribute(element, "styleId")
        elif event == "start" or not style:
            continue
        elif tag == "name":
            level = _level_of_name(_attribute(element, "val"))
            if level is not None:
                levels[style] = level
        elif tag == "basedOn":
            parents[style] = _attribute(element, "val")
        elif tag == "outlineLvl":
            _set_outline_level(levels, style, _attribute(element, "val"))
        elif tag == "style":
            style = ""
    for child in parents:
        _inherit(child, levels, parents)
    return levels


def _level_of_name(name: str) -> int | None:
    if name.lower() == "title":
        return _TITLE_LEVEL
    match = _HEADING_STYLE.match(name)
    return int(match[1]) if match else None


def _set_outline_level(levels: dict[str, int], key: str, value: str) -> None:
    if value.isdigit() and int(value) < 9:
        levels.setdefault(key, int(value) + 1)


def _inherit(style: str, levels: dict[str, int], parents: dict[str, str]) -> None:
    ancestor = style
    for _ in range(10):
        if ancestor in levels:
            levels.setdefault(style, levels[ancestor])
            return
        ancestor = parents.get(ancestor, "")


@dataclass(slots=True)
class _Paragraph:
    text: list[str] = field(default_factory=list)
    style: str = ""
    outline: dict[str, int] = field(default_factory=dict)
    listed: bool = False


@dataclass(slots=True)
class _Walker:
    """Follows the XML of one part; paragraphs nest by text boxes, tables by cells."""

    styles: dict[str, int]
    writer: SectionWriter
    paragraphs: list[_Paragraph] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def start(self, tag: str) -> None:
        if tag == "p":
            self.paragraphs.append(_Paragraph())
        elif tag == "tr":
            self.rows.append([])
        elif tag == "tc":
            self.cells.append([])

    def end(self, tag: str, element: ElementTree.Element) -> None:
        if tag == "p" and self.paragraphs:
            self._end_paragraph(self.paragraphs.pop())
        elif tag == "tc" and self.cells:
            cell = " ".join(self.cells.pop())
            if self.rows:
                self.rows[-1].append(cell)
        elif tag == "tr" and self.rows:
            self._add_line(" | ".join(self.rows.pop()))
        elif tag == "tbl" and not self.rows:
            self.writer.line("")
        elif self.paragraphs:
            self._inside_paragraph(self.paragraphs[-1], tag, element)

    def _inside_paragraph(self, paragraph: _Paragraph, tag: str, element: ElementTree.Element) -> None:
        if tag == "t":
            paragraph.text.append(element.text or "")
        elif tag in {"br", "cr"}:
            paragraph.text.append("\n")
        elif tag in {"tab", "ptab"} and not element.attrib:
            paragraph.text.append("\t")
        elif tag in {"noBreakHyphen", "softHyphen"}:
            paragraph.text.append("-" if tag == "noBreakHyphen" else "")
        elif tag == "pStyle":
            paragraph.style = _attribute(element, "val")
        elif tag == "outlineLvl":
            _set_outline_level(paragraph.outline, "own", _attribute(element, "val"))
        elif tag == "numPr":
            paragraph.listed = True

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.text).strip()
        level = paragraph.outline.get("own", self.styles.get(paragraph.style))
        if level is not None and text and not self.cells:
            self.writer.heading(level, " ".join(text.split()), shown=text)
        elif text:
            self._add_line(f"- {text}" if paragraph.listed else text)

    def _add_line(self, text: str) -> None:
        if self.cells:
            self.cells[-1].append(text)
        elif text:
            self.writer.line(text)


def _write(archive: zipfile.ZipFile, part: str, styles: dict[str, int], writer: SectionWriter) -> None:
    walker = _Walker(styles, writer)
    skipping = 0
    for event, tag, element in _events(archive, part):
        if tag in _SKIPPED:
            skipping += 1 if event == "start" else -1
        elif skipping:
            continue
        elif event == "start":
            walker.start(tag)
        else:
            walker.end(tag, element)


def _bomb() -> ReadError:
    return ReadError("too_large", "This file unpacks to far more than it should. Save it again, or split it up.")
