"""Reads Markdown by its headings; the text under them is kept as written, links and tables included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from datasets.blocks import Block, Origin, Reading, SectionWriter
from datasets.ingestion.readers.decoding import decoded
from datasets.ingestion.readers.markdown_inline import visible_lines
from datasets.ingestion.readers.registry import Progress

_ATX = re.compile(r" {0,3}(#{1,6})(?=[ \t]|\Z)")
_UNDERLINE = re.compile(r"\A {0,3}(?:=+|-{2,})[ \t]*\Z")
_DELIMITERS = re.compile(r"\A {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_NEVER_UNDERLINED = ("    ", "\t", "#", ">", "-", "*", "+", "|", "`", "~", "=")


def read(path: Path, _progress: Progress, origin: Origin) -> Reading:
    """Return one block for the text under each heading."""
    found = decoded(path.read_bytes(), said=(origin.charset,), language=origin.language)
    return Reading(blocks_of(found.text), notices=found.notices)


def blocks_of(text: str) -> tuple[Block, ...]:
    """Return the blocks of a Markdown text; each begins with its heading."""
    writer = SectionWriter()
    lines = text.split("\n")
    if title := _front_matter_title(lines):
        writer.outline.enter(0, title)
    seen = list(visible_lines(lines))
    tables = _headers([line if not is_code else "" for line, is_code in seen])
    for (line, level, heading), header in zip(_lines(seen), tables, strict=True):
        if level:
            writer.heading(level, heading, shown=line)
        else:
            writer.line(line, header=header)
    return writer.blocks()


def _lines(seen: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, int, str]]:
    """Yield each line with its level and heading; level 0 is text."""
    lines = [line for line, _ in seen]
    underlined = False
    for index, (line, is_code) in enumerate(seen):
        if underlined:
            underlined = False
            yield line, 0, ""
            continue
        level, heading = (0, "") if is_code else _heading(lines, index)
        underlined = bool(level) and not _ATX.match(line)
        yield line, level, heading


def _headers(lines: Sequence[str]) -> Iterator[str]:
    """Yield for each line the header row of the table that it is a row of, "" if it is none."""
    header = ""
    for index, line in enumerate(lines):
        if not line.strip():
            header = ""
        yield header
        before = lines[index - 1] if index else ""
        if not header and "|" in before and "|" in line and _DELIMITERS.match(line):
            header = before.strip()


def _heading(lines: Sequence[str], index: int) -> tuple[int, str]:
    line = lines[index]
    if match := _ATX.match(line):
        text = _without_closing(line[match.end() :].strip())
        return (len(match[1]), text) if text else (0, "")
    follower = lines[index + 1] if index + 1 < len(lines) else ""
    stands_alone = index == 0 or not lines[index - 1].strip()
    if stands_alone and line.strip() and not line.startswith(_NEVER_UNDERLINED) and _UNDERLINE.match(follower):
        return (1 if follower.strip().startswith("=") else 2), line.strip()
    return 0, ""


def _front_matter_title(lines: Sequence[str]) -> str:
    if not lines or lines[0].strip() != "---":
        return ""
    for line in lines[1:100]:
        if line.strip() == "---":
            return ""
        name, colon, title = line.strip().partition(":")
        if colon and name == "title":
            return title.strip().removeprefix(_quote(title)).removesuffix(_quote(title)).strip()
    return ""


def _quote(title: str) -> str:
    """Return the quotation mark that a title begins with, if it does."""
    first = title.strip()[:1]
    return first if first and first in "\"'" else ""


def _without_closing(heading: str) -> str:
    """Leave out the closing sequence of a heading: signs that stand alone, or after a blank."""
    left = heading.rstrip("#")
    return left.rstrip() if not left or left[-1] in " \t" else heading
