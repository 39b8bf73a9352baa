"""Splits blocks of text into pieces of a bounded number of tokens, at the best boundaries, losing nothing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from datasets.ingestion.base import Block, Piece

# The start and end of each token of a text, in characters, ascending.
Tokenize = Callable[[str], Sequence[tuple[int, int]]]

# Where a piece may begin, from the best to the poorest; weighed against how far it is from an even cut.
_BOUNDARIES = (
    (re.compile(r"\n[ \t]*\n\s*"), 1.0),
    (re.compile(r"\n\s*"), 0.6),
    (re.compile(r"[.!?…؟।][\"'”’)\]]*\s+|[。！？][」』”]?"), 0.5),
    (re.compile(r"[;:,،、，；：]\s*"), 0.15),
    (re.compile(r"\s+"), 0.05),
)
_SENTENCE = 0.5
_LONGEST_TOKEN = 16
_UNKNOWN_TOKEN = 2
# Greek to the end of the alphabets; ideographs beyond are a token each.
_FOREIGN_FROM, _FOREIGN_TO = "\u0370", "\u2e80"
_FOREIGN_TOKEN = 3


@dataclass(frozen=True, slots=True)
class _Cut:
    token: int
    worth: float


def split(blocks: Sequence[Block], *, tokenize: Tokenize, size: int, overlap: int) -> Iterator[Piece]:
    """Yield the pieces of `blocks` in order, each of at most `size` tokens and `overlap` of the one before.

    Blocks are never joined, so a piece has one section and one page. Together the pieces of a block cover
    every character of it but surrounding white space.
    """
    for block in blocks:
        for start, end, tokens in _spans(block.text, tokenize, size, overlap):
            text = block.text[start:end]
            left = len(text) - len(text.lstrip())
            text = text.strip()
            if text:
                begin = start + left
                yield Piece(text, block.section, block.page, tokens, begin, begin + len(text))


def _spans(text: str, tokenize: Tokenize, size: int, overlap: int) -> Iterator[tuple[int, int, int]]:
    starts = _token_starts(tokenize(text), text)
    total = len(starts)
    if total <= size:
        yield 0, len(text), total
        return
    overlap = min(overlap, size // 2)
    cuts = _cuts(text, starts)
    places = [cut.token for cut in cuts]
    begin = 0
    while total - begin > size:
        end = _best_end(cuts, places, begin, total, size, overlap)
        yield _char(starts, begin), starts[end], end - begin
        begin = _next_begin(cuts, places, begin, end, overlap)
    yield _char(starts, begin), len(text), total - begin


def _char(starts: Sequence[int], token: int) -> int:
    return starts[token] if token else 0


def _token_starts(offsets: Sequence[tuple[int, int]], text: str) -> list[int]:
    """Return where tokens start, evened out over scripts.

    A tokenizer cuts scripts it was not trained on into single letters, or takes a whole run as one unknown
    token; either would make pieces several times too small or too large.
    """
    starts: list[int] = []
    last = -_FOREIGN_TOKEN
    for start, end in offsets:
        if end <= start:
            continue
        if _FOREIGN_FROM <= text[start] < _FOREIGN_TO and start - last < _FOREIGN_TOKEN and text[start - 1].isalpha():
            continue
        last = start
        if end - start > _LONGEST_TOKEN:
            starts.extend(range(start, end, _UNKNOWN_TOKEN))
        else:
            starts.append(start)
    return starts


def _cuts(text: str, starts: Sequence[int]) -> list[_Cut]:
    worths: dict[int, float] = {}
    for pattern, worth in _BOUNDARIES:
        for match in pattern.finditer(text):
            token = bisect_left(starts, match.end())
            if 0 < token < len(starts):
                worths.setdefault(token, worth)
    return [_Cut(token, worths[token]) for token in sorted(worths)]


def _best_end(cuts: Sequence[_Cut], places: Sequence[int], begin: int, total: int, size: int, overlap: int) -> int:
    """Choose where the piece that starts at `begin` ends: at a good boundary near an even share of the rest."""
    left = total - begin
    pieces = -(-(left - overlap) // (size - overlap))
    even = begin + (left + (pieces - 1) * overlap) / pieces
    low = bisect_left(places, begin + size // 2)
    high = bisect_left(places, begin + size + 1)
    candidates = cuts[low:high]
    if not candidates:
        return begin + size
    return max(candidates, key=lambda cut: cut.worth - abs(cut.token - even) / size).token


def _next_begin(cuts: Sequence[_Cut], places: Sequence[int], begin: int, end: int, overlap: int) -> int:
    """Choose where the next piece starts: the first sentence, else word, within `overlap` tokens of the end."""
    earliest = max(end - overlap, begin + 1)
    window = cuts[bisect_left(places, earliest) : bisect_left(places, end)]
    for cut in window:
        if cut.worth >= _SENTENCE:
            return cut.token
    if window:
        return window[0].token
    return earliest if overlap else end
