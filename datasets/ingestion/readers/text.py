"""Reads plain text; a first line that stands alone is taken as the title of all that follows."""

from __future__ import annotations

from pathlib import Path

from datasets.blocks import Block, Origin, Reading
from datasets.ingestion.readers.decoding import decoded
from datasets.ingestion.readers.registry import Progress

LONGEST_TITLE = 250


def read(path: Path, _progress: Progress, origin: Origin) -> Reading:
    """Return the file as one block, with its title as the section."""
    found = decoded(path.read_bytes(), said=(origin.charset,), language=origin.language)
    title = title_of(found.text)
    return Reading((Block(found.text, (title,) if title else ()),), notices=found.notices)


def title_of(text: str) -> str:
    """Return the first line if it is short and a blank line and more text follow it, else nothing."""
    first, line_end, rest = text.lstrip().partition("\n")
    first = first.strip()
    blank_follows = bool(line_end) and not rest.partition("\n")[0].strip()
    return first if blank_follows and rest.strip() and 0 < len(first) <= LONGEST_TITLE else ""
