"""Follows where code begins and ends in Markdown that is still being written."""

from __future__ import annotations

import re

_TICKS = "`~"
_FENCE = 3
_MOST_INDENT = 3
_LONGEST_RUN = 64
# Where a reader has to look again once a line has begun: at code, at marks, and at the line's end.
_NOTABLE = re.compile(r"[`~\n\[［【]")


class CodeTracker:
    """Is told a text from its beginning, character by character or run by run, and knows whether it stands in code.

    Code is what stands between runs of backticks of one length within a paragraph, and between fences of three or more
    backticks or tildes at the beginning of a line.
    """

    def __init__(self) -> None:
        self._inline = 0  # the length of the run that opened inline code
        self._fence = ""  # the run that opened a block
        self._indent: int | None = 0  # the white space since the line began; None after its first other character

    @property
    def is_inside(self) -> bool:
        """Whether the next character is code."""
        return bool(self._inline or self._fence)

    def pass_over(self) -> None:
        """Something that is no code was read elsewhere: the line has begun."""
        self._indent = None

    def take(self, text: str, position: int, *, is_last: bool) -> int:
        """Read what stands at `position`; return its length, 0 when the next piece has to tell how long it is."""
        letter = text[position]
        if letter in _TICKS:
            return self._run(text, position, is_last=is_last)
        if letter == "\n":
            # A blank line ends the paragraph, and with it inline code that nobody closed.
            if self._indent is not None:
                self._inline = 0
            self._indent = 0
        elif self._indent is not None:
            self._indent = self._indent + 1 if letter in " \t" else None
        if self._indent is not None or letter == "\n":
            return 1
        found = _NOTABLE.search(text, position + 1)
        return (found.start() if found else len(text)) - position

    def _run(self, text: str, position: int, *, is_last: bool) -> int:
        letter = text[position]
        end = position
        while end < len(text) and text[end] == letter:
            end += 1
        run = text[position:end]
        if end == len(text) and not is_last and len(run) < _LONGEST_RUN:
            return 0
        begins_line = self._indent is not None and self._indent <= _MOST_INDENT
        self._indent = None
        if self._fence:
            if begins_line and run.startswith(self._fence):
                self._fence = ""
        elif not self._inline and begins_line and len(run) >= _FENCE:
            self._fence = run
        elif letter == "`":
            self._inline = 0 if self._inline == len(run) else self._inline or len(run)
        return len(run)
