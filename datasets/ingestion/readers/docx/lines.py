"""The lines of a document as they are read, and where they go: the text itself, a cell, a box, a note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from datasets.blocks import Block, ReadError, SectionWriter

# More than the longest document that can be split has, whatever its chunks' size is.
MAX_CHARACTERS = 64_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or a row; `level` is that of a heading, `header` the header row of a row's table."""

    text: str
    level: int | None = None
    header: str = ""


class Sink(Protocol):
    """Takes lines in their order."""

    def add(self, line: Line) -> None:
        """Take a line; one without text parts what is before it from what follows."""


@dataclass(slots=True)
class Lines:
    """Keeps lines until somebody asks for them."""

    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Keep the line."""
        if line.text:
            self.lines.append(line)

    def joined(self) -> str:
        """Return all on one line."""
        return " ".join(" ".join(line.text.split("\n")) for line in self.lines)


@dataclass(slots=True)
class Body:
    """Writes lines into sections. Raises `ReadError` for more text than any document may have."""

    writer: SectionWriter = field(default_factory=SectionWriter)
    characters: int = 0

    def add(self, line: Line) -> None:
        """Write the line under the heading at hand, or as the next heading."""
        self.characters += len(line.text)
        if self.characters > MAX_CHARACTERS:
            raise ReadError("too_long", "This file has more text than can be searched. Split it up.")
        if line.level is None:
            self.writer.line(line.text, header=line.header)
        else:
            self.writer.heading(line.level, " ".join(line.text.split()), shown=line.text)

    def blocks(self) -> tuple[Block, ...]:
        """Return what was written, by sections."""
        return self.writer.blocks()


def all_added(lines: Iterable[Line], sink: Sink) -> None:
    """Add each line to the sink."""
    for line in lines:
        sink.add(line)
