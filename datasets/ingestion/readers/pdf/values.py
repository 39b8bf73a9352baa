"""What the parts of the PDF reader hand to each other: pages, made of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

# Stands for a hyphen at the end of a line, as in pdfium's own text: the word goes on, with or without it.
BROKEN = "\ufffe"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `size` is that of its letters, `height` how far up it stands and `right` where its last is.

    All are in points, seen by the reader of the page.
    """

    text: str
    size: float = 0.0
    height: float = 0.0
    right: float = 0.0

    def with_text(self, text: str) -> Line:
        """Return the line with another text."""
        return self if text == self.text else Line(text, self.size, self.height, self.right)


@dataclass(slots=True)
class Page:
    """What one page shows.

    `lines` are in reading order; `apart` are those of them that stand on every page and are kept once; `additions`
    are form values and notes. `is_picture` says that it shows pictures or drawings, `has_unreadable` that there is
    text in a font without letters, `is_damaged` that it cannot be read at all.
    """

    number: int
    lines: list[Line]
    additions: Sequence[str] = ()
    is_picture: bool = False
    has_unreadable: bool = False
    is_damaged: bool = False
    apart: list[Line] = field(default_factory=list)
