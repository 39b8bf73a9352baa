"""Takes off an answer's beginning the mark by which a model admits that the passages do not hold the answer."""

from __future__ import annotations

NOT_HELD = "[0]"


class AdmissionScanner:
    """Reads an answer as it is streamed; only its first few characters are ever held back.

    The mark may be spread over any number of pieces, with white space around it. Further on in the answer it is text
    like any other: `list[0]` is code.
    """

    def __init__(self) -> None:
        self.is_admitted = False
        self._held = ""
        self._passed = False

    def feed(self, text: str) -> str:
        """Take the next piece; return what of the answer is known to be none of the mark."""
        if self._passed:
            return text
        self._held += text
        start = self._held.lstrip()
        if start.startswith(NOT_HELD):
            self.is_admitted = True
            start = start.removeprefix(NOT_HELD).lstrip()
            self._passed = bool(start)
            return start
        if NOT_HELD.startswith(start):
            return ""
        self._passed = True
        return self._held

    def rest(self) -> str:
        """Return what is still held back when the answer has ended: it was no mark."""
        return "" if self._passed or self.is_admitted else self._held
