"""Gathers the text of a line from its runs: raised, lowered and written apart where it must not run together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from datasets.ingestion.readers.typography import subscript, superscript

SUPERSCRIPT: Final = "superscript"
SUBSCRIPT: Final = "subscript"
_RAISED_DIGITS: Final = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
_SCRIPTS: Final = {SUPERSCRIPT: superscript, SUBSCRIPT: subscript}


@dataclass(slots=True)
class Inline:
    """Text as it grows; what is raised in several runs in a row is raised as one."""

    _pieces: list[str] = field(default_factory=list)
    _script: str = ""
    _scripted: list[str] = field(default_factory=list)
    _last: str = ""
    _stands_apart: bool = False

    def add(self, text: str, script: str = "") -> None:
        """Add text, in line or as `SUPERSCRIPT` or `SUBSCRIPT`."""
        if not text:
            return
        if script != self._script:
            self._end_script()
            self._script = script if script in _SCRIPTS else ""
        if self._script:
            self._scripted.append(text)
        else:
            self._append(text, apart=False)

    def add_apart(self, text: str) -> None:
        """Add text that must not run together with what is beside it, as a fraction does: 3 1/2, 2x², 1/2 x."""
        self._end_script()
        self._append(text, apart=True)

    def add_mark(self, mark: str) -> None:
        """Add the raised number of a note; one after another number that is raised stands apart from it."""
        self._end_script()
        written = superscript(mark)
        if self._last in _RAISED_DIGITS:
            written = f",{written}"
        self._append(written, apart=False)

    def value(self) -> str:
        """Return all the text."""
        self._end_script()
        return "".join(self._pieces)

    def _end_script(self) -> None:
        if self._scripted:
            write = _SCRIPTS[self._script]
            self._append(write("".join(self._scripted)), apart=False)
            self._scripted = []
        self._script = ""

    def _append(self, text: str, *, apart: bool) -> None:
        if not text:
            return
        if self._runs_together(text[0], apart=apart):
            self._pieces.append(" ")
        self._pieces.append(text)
        self._last = text[-1]
        self._stands_apart = apart

    def _runs_together(self, first: str, *, apart: bool) -> bool:
        if not (_is_wordlike(self._last) and _is_wordlike(first)):
            return False
        is_factor = self._last.isdecimal() and first.isalpha()
        return self._stands_apart or (apart and not is_factor)


def _is_wordlike(character: str) -> bool:
    return character.isalpha() or character.isdecimal()
