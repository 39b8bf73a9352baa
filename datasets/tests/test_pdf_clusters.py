"""Words of Indic and Thai scripts are whole where one glyph stands for several letters."""

from __future__ import annotations

from typing import cast

import pytest

from datasets.ingestion.readers.pdf import clusters
from datasets.ingestion.readers.pdf.characters import Characters, Glyph


class Placed:
    """Letters in their places: each part is the text of one glyph, where it begins and where its box ends."""

    def __init__(self, *parts: tuple[str, float, float]) -> None:
        self.text = "".join(text for text, _, _ in parts)
        self._places = [(x, end) for text, x, end in parts for _ in text]

    def place(self, position: int) -> tuple[float, float]:
        return self._places[position][0], 700.0

    def end(self, position: int) -> float:
        return self._places[position][1]

    def glyph(self, position: int) -> Glyph:
        return Glyph(self._places[position][0], 700.0, 10.0, (1.0, 0.0))

    def is_made_up(self, position: int) -> bool:
        return self.text[position] == " "


def mended(*parts: tuple[str, float, float]) -> str:
    placed = Placed(*parts)
    text = placed.text
    for edit in reversed(list(clusters.edits(cast("Characters", placed)))):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ([("ค", 0, 6), ("รั้", 6, 12), ("ง", 12, 18), ("รั้", 12.5, 11)], "ครั้ง"),
        ([("अं", 0, 8), ("क", 8, 16), ("अं", 8.1, 7)], "अंक"),
        ([("ชั้", 0, 6), ("ชั้", 6, 12)], "ชั้ชั้"),
    ],
    ids=["Thai", "Hindi", "written twice"],
)
def test_the_glyph_of_a_mark_repeats_no_letters(parts: list[tuple[str, float, float]], word: str) -> None:
    assert mended(*parts) == word


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([("डि", 0, 8), (" ", 8, 8), ("फ़े", 9, 17)], "डिफ़े"),
        ([("ली", 0, 8), (" ", 8, 8), ("ग", 10.5, 16)], "लीग"),
        ([("की", 0, 8), (" ", 8, 8), ("डि", 13.6, 20)], "की डि"),
        ([("ने", 0, 6), (" ", 6, 6), ("ली", 9.1, 15)], "ने ली"),
        ([("या", 0, 6), (" ", 6, 6), (",", 8, 9)], "या,"),
        ([("นำ", 0, 8), (" ", 8, 8), ("ใน", 10, 18)], "นำใน"),
    ],
    ids=["close", "vowel", "after a vowel", "after a mark", "comma", "Thai"],
)
def test_a_space_is_where_the_gap_is_wider_than_a_vowel(parts: list[tuple[str, float, float]], words: str) -> None:
    assert mended(*parts) == words
