"""Spots citation markers such as [2] or [1, 3] in an answer while it is streamed."""

from __future__ import annotations

import re
from collections.abc import Container

_MARKER = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_NUMBER = re.compile(r"\d+")
_UNCLOSED = re.compile(r"\[[\d\s,;]*\Z")
LONGEST_MARKER = 64


class CitationScanner:
    """Tells at which piece of an answer each known number is cited for the first time.

    A marker may be spread over any number of pieces; numbers that were not in the prompt are no citations.
    """

    def __init__(self, known: Container[int]) -> None:
        self._known = known
        self._seen: set[int] = set()
        self._open = ""

    def feed(self, text: str) -> list[int]:
        """Take the next piece; return the numbers whose first marker is complete with it, in order."""
        if not self._open and "[" not in text:
            return []
        text = self._open + text
        cited: list[int] = []
        for marker in _MARKER.finditer(text):
            for digits in _NUMBER.findall(marker[1]):
                number = int(digits)
                if number in self._known and number not in self._seen:
                    self._seen.add(number)
                    cited.append(number)
        unclosed = _UNCLOSED.search(text)
        self._open = unclosed[0] if unclosed and len(unclosed[0]) <= LONGEST_MARKER else ""
        return cited
