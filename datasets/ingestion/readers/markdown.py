"""Reads Markdown by its headings; the text under them is kept as written, links and tables included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from datasets.ingestion.base import Block, Reading, SectionWriter
from datasets.ingestion.readers.decoding import decode
from datasets.ingestion.readers.registry import Progress

_ATX = re.compile(r" {0,3}(#{1,6})(?=[ \t]|\Z)")
_UNDERLINE = re.compile(r"\A {0,3}(?:=+|-{2,})[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NEVER_UNDERLINED = ("    ", "\t", "#", ">", "-", "*", "+", "|", "`", "~", "=")


def read(path: Path, _progress: Progress) -> Reading:
    """Return one block for the text under each heading."""
    return Reading(blocks_of(decode(path.read_bytes())))


def blocks_of(text: str) -> tuple[Block, ...]:
    """Return the blocks of a Markdown text; each begins with its heading."""
    lines = text.split("\n")
    writer = SectionWriter()
    if title := _front_matter_title(lines):
        writer.outline.enter(0, title)
    for line, level, heading in _lines(lines):
        if level:
            writer.heading(level, heading, shown=line)
        else:
            writer.line(line)
    return writer.blocks()


def _lines(lines: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield each line with its level and heading; level 0 is text."""
    fence = ""
    underlined = False
    for index, line in enumerate(lines):
        if underlined:
            underlined = False
            yield line, 0, ""
            continue
        marker = _FENCE.match(line)
        if marker and not fence:
            fence = marker[1]
        elif marker and marker[1].startswith(fence):
            fence = ""
        level, heading = (0, "") if fence else _heading(lines, index)
        underlined = bool(level) and not _ATX.match(line)
        yield line, level, heading


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
