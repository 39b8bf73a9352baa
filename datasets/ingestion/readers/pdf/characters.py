"""Looks at single characters of a page: where they stand, how large they are, and whether their font knows them."""

from __future__ import annotations

from ctypes import byref, c_double
from dataclasses import dataclass
from functools import lru_cache
from math import hypot

import pypdfium2
from pypdfium2 import raw


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character in its place: `x` along the line of writing, `y` up from it, `size` of its font; all in points."""

    x: float
    y: float
    size: float
    direction: tuple[float, float]

    def is_on_line_of(self, other: Glyph) -> bool:
        """Whether the two have the same direction, size and height."""
        smaller = min(self.size, other.size)
        return (
            self.direction == other.direction
            and abs(self.size - other.size) < 0.06 * smaller
            and abs(self.y - other.y) < 0.08 * smaller
        )


_MOST_KEPT = 20_000


class Characters:
    """The characters of a page by their position in `text`.

    Each look at one takes microseconds, the text of a whole page a few milliseconds: look at those that matter.
    """

    def __init__(self, text_page: pypdfium2.PdfTextPage) -> None:
        self._page = text_page.raw
        self.text = str(text_page.get_text_range())
        self._is_even = len(self.text) == raw.FPDFText_CountChars(self._page)
        # The methods as they are, but each character is asked for once; they live as long as the page.
        self.glyph = lru_cache(maxsize=_MOST_KEPT)(self._glyph)
        self.place = lru_cache(maxsize=_MOST_KEPT)(self._place)

    @property
    def has_dropped(self) -> bool:
        """Whether there are characters on the page that pdfium left out of its text, as controls are."""
        return not self._is_even

    def is_unknown(self, position: int) -> bool:
        """Whether the font does not say which letter this is."""
        return bool(raw.FPDFText_HasUnicodeMapError(self._page, self._index(position)) == 1)

    def is_made_up(self, position: int) -> bool:
        """Whether pdfium put this character between others: a space or the end of a line."""
        return bool(raw.FPDFText_IsGenerated(self._page, self._index(position)) == 1)

    def _place(self, position: int) -> tuple[float, float]:
        """Return where on the page the character stands, from the lower left."""
        x, y = c_double(), c_double()
        raw.FPDFText_GetCharOrigin(self._page, self._index(position), byref(x), byref(y))
        return x.value, y.value

    def at(self, x: float, y: float) -> int | None:
        """Return the position of the character at this place, None if there is none."""
        index = raw.FPDFText_GetCharIndexAtPos(self._page, x, y, 2.0, 2.0)
        if index < 0:
            return None
        position = index if self._is_even else raw.FPDFText_GetTextIndexFromCharIndex(self._page, index)
        return position if 0 <= position < len(self.text) else None

    def within(self, left: float, bottom: float, right: float, top: float) -> str:
        """Return the text in this part of the page."""
        args = (self._page, left, top, right, bottom)
        length = raw.FPDFText_GetBoundedText(*args, None, 0)
        if length <= 0:
            return ""
        buffer = (raw.c_ushort * length)()
        raw.FPDFText_GetBoundedText(*args, buffer, length)
        return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\x00")

    def _index(self, position: int) -> int:
        return position if self._is_even else int(raw.FPDFText_GetCharIndexFromTextIndex(self._page, position))

    def end(self, position: int) -> float:
        """Return where the character ends, on the axis of its `Glyph.x`."""
        box = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(self._page, self._index(position), byref(box))
        ax, ay = self.glyph(position).direction
        return float(max(box.left * ax, box.right * ax) + max(box.bottom * ay, box.top * ay))

    def _glyph(self, position: int) -> Glyph:
        index = self._index(position)
        x, y = self.place(position)
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self._page, index, byref(matrix))
        size = raw.FPDFText_GetFontSize(self._page, index) * (hypot(matrix.c, matrix.d) or 1.0)
        if not matrix.b and matrix.a > 0:
            return Glyph(x, y, size, (1.0, 0.0))
        across = hypot(matrix.a, matrix.b) or 1.0
        ax, ay = round(matrix.a / across, 2), round(matrix.b / across, 2)
        return Glyph(x * ax + y * ay, y * ax - x * ay, size, (ax, ay))
