"""Splits blocks of text into pieces of a bounded number of tokens, at the best boundaries, losing nothing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datasets.blocks import Block, Piece, TableRows
from datasets.ingestion.tokenizing import Tokenize

# Where a piece may begin, from the best to the poorest; weighed against how far it is from an even cut.
_BOUNDARIES = (
    (re.compile(r"\n[ \t]*\n\s*"), 1.0),
    (re.compile(r"\n\s*"), 0.6),
    (re.compile(r"[.!?…؟।][\"'”’)\]]*\s+|[。！？][」』”]?"), 0.5),
    (re.compile(r"[;:,،、，；：]\s*"), 0.15),
    (re.compile(r"\s+"), 0.05),
)
_SENTENCE = 0.5
LONGEST_TOKEN = 16
_UNKNOWN_TOKEN = 2
# Greek to the end of the alphabets; ideographs beyond are a token each.
_FOREIGN_FROM, _FOREIGN_TO = "\u0370", "\u2e80"
_FOREIGN_TOKEN = 3
_PART = 200_000


@dataclass(frozen=True, slots=True)
class _Cut:
    token: int
    worth: float


def split(blocks: Sequence[Block], *, tokenize: Tokenize, size: int, overlap: int) -> Iterator[Piece]:
    """Yield the pieces of `blocks` in order, each of at most `size` tokens and `overlap` of the one before.

    Blocks are never joined, so a piece has one section and one page. Together the pieces of a block cover
    every character of it but surrounding white space. A piece that begins among the rows of a table has the
    table's header row before them.
    """
    for block in blocks:
        headers = _Headers(block.tables, tokenize, most=size // 3)
        for start, end, tokens in _spans_of_whole(block.text, headers, tokenize, size, overlap):
            text = block.text[start:end]
            left = len(text) - len(text.lstrip())
            text = text.strip()
            if text:
                begin = start + left
                header, length = headers.at(start)
                shown = f"{header}\n{text}" if header else text
                yield Piece(shown, block.section, block.page, tokens + length, begin, begin + len(text))


class _Headers:
    """Finds the header row that a piece repeats, and its length in tokens; one that is too long is not repeated."""

    def __init__(self, tables: Sequence[TableRows], tokenize: Tokenize, *, most: int) -> None:
        self._tables, self._tokenize, self._most = tables, tokenize, most
        self._starts = [rows.start for rows in tables]
        self._measured: tuple[int, str, int] = (-1, "", 0)

    def at(self, start: int) -> tuple[str, int]:
        """Return header row and tokens for a piece that begins at the character `start`, "" and 0 for none."""
        index = bisect_right(self._starts, start) - 1
        if index < 0 or start >= self._tables[index].end:
            return "", 0
        if self._measured[0] != index:
            self._measured = index, *self._fitting(self._tables[index].header)
        return self._measured[1:]

    def _fitting(self, header: str) -> tuple[str, int]:
        if len(header) > self._most * LONGEST_TOKEN:
            return "", 0
        length = len(_token_starts(self._tokenize(header), header))
        return (header, length) if length <= self._most else ("", 0)


def _spans_of_whole(
    text: str, headers: _Headers, tokenize: Tokenize, size: int, overlap: int
) -> Iterator[tuple[int, int, int]]:
    """Yield the spans of a text of any length, a part at a time: a token takes a hundred times its own memory."""
    base = 0
    while base < len(text):
        part = text[base : base + _PART]
        if base + _PART < len(text):
            part = part[: max(part.rfind("\n"), part.rfind(" ")) + 1] or part
        for start, end, tokens in _spans(part, base, headers, tokenize, size, overlap):
            yield base + start, base + end, tokens
        base += len(part)


def _spans(
    text: str, base: int, headers: _Headers, tokenize: Tokenize, size: int, overlap: int
) -> Iterator[tuple[int, int, int]]:
    starts = _token_starts(tokenize(text), text)
    total = len(starts)
    cutter = _Cutter(_cuts(text, starts) if total > size // 2 else [], total, min(overlap, size // 2))
    begin = end = first = 0
    while total - begin > (room := size - headers.at(base + first)[1]):
        end = cutter.best_end(begin, after=end, room=room)
        yield first, starts[end], end - begin
        begin = cutter.next_begin(begin, end)
        first = starts[begin]
    yield first, len(text), total - begin


def _token_starts(offsets: Sequence[tuple[int, int]], text: str) -> list[int]:
    """Return where tokens start, evened out over scripts.

    A tokenizer cuts scripts it was not trained on into single letters, or takes a whole run as one unknown
    token; either would make pieces several times too small or too large. White space and signs that it leaves out
    count as tokens where they are long, so that a piece is bounded in characters, too.
    """
    starts: list[int] = []
    last = -_FOREIGN_TOKEN
    covered = 0
    for start, end in offsets:
        if end <= start:
            continue
        starts.extend(range(covered + LONGEST_TOKEN, start, LONGEST_TOKEN))
        covered = end
        if _FOREIGN_FROM <= text[start] < _FOREIGN_TO and start - last < _FOREIGN_TOKEN and text[start - 1].isalpha():
            continue
        last = start
        if end - start > LONGEST_TOKEN:
            starts.extend(range(start, end, _UNKNOWN_TOKEN))
        else:
            starts.append(start)
    starts.extend(range(covered + LONGEST_TOKEN, len(text), LONGEST_TOKEN))
    return starts


def _cuts(text: str, starts: Sequence[int]) -> list[_Cut]:
    worths: dict[int, float] = {}
    for pattern, worth in _BOUNDARIES:
        for match in pattern.finditer(text):
            token = bisect_left(starts, match.end())
            if 0 < token < len(starts):
                worths.setdefault(token, worth)
    return [_Cut(token, worths[token]) for token in sorted(worths)]


class _Cutter:
    """Chooses among the places where one text may be cut; all positions are numbers of tokens."""

    def __init__(self, cuts: Sequence[_Cut], total: int, overlap: int) -> None:
        self.cuts, self.total, self.overlap = cuts, total, overlap
        self.places = [cut.token for cut in cuts]

    def best_end(self, begin: int, *, after: int, room: int) -> int:
        """Return where the piece of at most `room` tokens that starts at `begin` ends.

        That is at a good boundary near an even share of the rest.
        """
        left = self.total - begin
        pieces = -(-(left - self.overlap) // (room - self.overlap))
        even = begin + (left + (pieces - 1) * self.overlap) / pieces
        candidates = self._between(max(begin + room // 2, after + 1), begin + room + 1)
        if not candidates:
            return begin + room
        return max(candidates, key=lambda cut: cut.worth - abs(cut.token - even) / room).token

    def next_begin(self, begin: int, end: int) -> int:
        """Return where the next piece starts: the first sentence, else word, within the overlap before `end`."""
        earliest = max(end - self.overlap, begin + 1)
        window = self._between(earliest, end)
        sentences = [cut for cut in window if cut.worth >= _SENTENCE]
        if window:
            return (sentences or window)[0].token
        return earliest if self.overlap else end

    def _between(self, low: int, high: int) -> Sequence[_Cut]:
        return self.cuts[bisect_left(self.places, low) : bisect_left(self.places, high)]
