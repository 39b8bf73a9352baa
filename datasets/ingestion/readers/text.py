"""Reads plain text; a first line that stands alone is taken as the title of all that follows."""

from __future__ import annotations

from pathlib import Path

from datasets.ingestion.base import Block, Reading
from datasets.ingestion.readers.decoding import decode
from datasets.ingestion.readers.registry import Progress

LONGEST_TITLE = 250


def read(path: Path, _progress: Progress) -> Reading:
    """Return the file as one block, with its title as the section."""
    text = decode(path.read_bytes())
    title = title_of(text)
    return Reading((Block(text, (title,) if title else ()),))


def title_of(text: str) -> str:
    """Return the first line if it is short and a blank line and more text follow it, else nothing."""
    first, line_end, rest = text.lstrip().partition("\n")
    first = first.strip()
    blank_follows = bool(line_end) and not rest.partition("\n")[0].strip()
    return first if blank_follows and rest.strip() and 0 < len(first) <= LONGEST_TITLE else ""
