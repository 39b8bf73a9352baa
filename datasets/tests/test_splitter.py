"""Pieces fit, overlap, begin where a reader would begin, and lose nothing."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.blocks import Block, SectionWriter, TableRows
from datasets.ingestion.splitter import LONGEST_TOKEN, split
from datasets.ingestion.tokenizing import Tokenize
from datasets.ingestion.tokens import tokenize

_TOKEN = re.compile(r"\w+|[^\w\s]")


def words(text: str) -> list[tuple[int, int]]:
    """Every word and every mark is a token."""
    return [match.span() for match in _TOKEN.finditer(text)]


def letters(text: str) -> list[tuple[int, int]]:
    """Every letter is a token, as tokenizers do with scripts that are foreign to them."""
    return [(index, index + 1) for index, character in enumerate(text) if not character.isspace()]


def one(text: str) -> list[tuple[int, int]]:
    """The whole text is one unknown token."""
    return [(0, len(text))] if text else []


texts = st.text(
    st.one_of(st.sampled_from("ab .\n!?;。、\t\u00a0"), st.characters(exclude_categories=["Cs"])), max_size=600
)
tokenizers = st.sampled_from([words, letters, one])


@given(texts, tokenizers, st.integers(2, 60), st.integers(0, 40))
def test_pieces_cover_every_character_but_white_space(text: str, tokenize: Tokenize, size: int, overlap: int) -> None:
    covered: set[int] = set()
    for piece in split([Block(text)], tokenize=tokenize, size=size, overlap=overlap):
        assert piece.text == text[piece.start : piece.end]
        covered.update(range(piece.start, piece.end))

    assert all(character.isspace() for index, character in enumerate(text) if index not in covered)


@given(texts, tokenizers, st.integers(2, 60), st.integers(0, 40))
def test_pieces_go_forward_and_fit(text: str, tokenize: Tokenize, size: int, overlap: int) -> None:
    pieces = list(split([Block(text)], tokenize=tokenize, size=size, overlap=overlap))

    assert all(0 < piece.tokens <= size or len(pieces) == 1 for piece in pieces)
    assert all(before.start < after.start and before.end < after.end for before, after in pairwise(pieces))


def test_blocks_are_never_joined() -> None:
    blocks = [Block("First.", ("A",), 1), Block("Second.", ("B",), 2)]

    pieces = list(split(blocks, tokenize=words, size=100, overlap=10))

    assert [(piece.text, piece.section, piece.page) for piece in pieces] == [
        ("First.", ("A",), 1),
        ("Second.", ("B",), 2),
    ]


def test_a_cut_falls_between_sentences_and_the_last_one_is_repeated() -> None:
    text = " ".join(f"ErrorText {number} says a few plain words." for number in range(12))

    pieces = list(split([Block(text)], tokenize=words, size=40, overlap=10))

    assert len(pieces) > 2
    assert all(piece.text.startswith("ErrorText") and piece.text.endswith(".") for piece in pieces)
    assert all(after.start < before.end for before, after in pairwise(pieces))


def test_what_is_a_little_too_long_is_cut_in_halves_and_not_in_a_whole_and_a_scrap() -> None:
    text = " ".join(f"word{number}" for number in range(110))

    first, second = split([Block(text)], tokenize=words, size=100, overlap=0)

    assert abs(first.tokens - second.tokens) < 20


def test_paragraphs_are_preferred_to_sentences() -> None:
    paragraph = "One thing is said. Another thing follows it. "
    text = f"{paragraph * 3}\n\n{paragraph * 3}"

    first, second = split([Block(text)], tokenize=words, size=50, overlap=0)

    assert first.text == second.text == (paragraph * 3).strip()


def test_a_script_the_tokenizer_cuts_into_letters_is_not_cut_into_scraps() -> None:
    text = "Стандартная гарантия на батарею действует четыре года. " * 10

    pieces = list(split([Block(text)], tokenize=letters, size=100, overlap=0))

    assert sum(len(piece.text) for piece in pieces) / len(pieces) > 150


def test_a_very_long_text_is_split_as_well_and_covered_whole() -> None:
    text = "A sentence of a few plain words. " * 15_000

    pieces = list(split([Block(text)], tokenize=words, size=200, overlap=40))

    assert max(piece.tokens for piece in pieces) <= 200
    assert pieces[-1].end == len(text.rstrip())
    assert all(not text[before.end : after.start].strip() for before, after in pairwise(pieces))


@pytest.mark.parametrize("unit", [" ", "\n", "\t", "x", "#", "\u0301", "\u200b", "漢", "1", ".", "ا\u064b", "👩\u200d"])
def test_pieces_are_bounded_in_characters_whatever_the_text_is(unit: str) -> None:
    text = f"# a{unit * 30_000}b"

    pieces = list(split((Block(text),), tokenize=tokenize, size=100, overlap=20))

    assert pieces
    assert max(len(piece.text) for piece in pieces) <= 102 * LONGEST_TOKEN


def table_of(rows: int, *, header: str = "Model | Price") -> Block:
    writer = SectionWriter()
    writer.line("These are our prices of today.")
    writer.line("")
    writer.line(header)
    for number in range(rows):
        writer.line(f"Badger {number} | {number} euros", header=header)
    writer.line("All of them without tax.")
    [block] = writer.blocks()
    return block


def test_each_piece_of_a_table_begins_with_its_header_row() -> None:
    pieces = list(split([table_of(60)], tokenize=words, size=40, overlap=10))

    assert len(pieces) > 5
    assert pieces[0].text.startswith("These are our prices of today.\n\nModel | Price\nBadger 0")
    assert all(piece.text.startswith("Model | Price\nBadger") for piece in pieces[1:])
    assert all(piece.text.count("Model") == 1 for piece in pieces)
    assert pieces[-1].text.endswith("All of them without tax.")


@pytest.mark.parametrize("header", ["Word " * 20, "long" * 10_000], ids=["words", "letters"])
def test_a_header_row_that_would_fill_its_pieces_is_not_repeated(header: str) -> None:
    pieces = list(split([table_of(60, header=header.strip())], tokenize=words, size=40, overlap=0))

    assert "".join(piece.text for piece in pieces).count(header[:4]) == header.count(header[:4])


def test_two_tables_in_one_block_keep_their_own_header_rows() -> None:
    writer = SectionWriter()
    for name in ("Price", "Weight"):
        writer.line(f"Model | {name}")
        for number in range(40):
            writer.line(f"{name} of model {number} | {number}", header=f"Model | {name}")
        writer.line("")

    pieces = list(split(writer.blocks(), tokenize=words, size=40, overlap=10))

    inside = [piece.text.splitlines() for piece in pieces]
    assert {(lines[0], lines[1].split()[0]) for lines in inside} == {
        ("Model | Price", "Price"),
        ("Model | Weight", "Weight"),
    }


@given(texts, tokenizers, st.integers(2, 60), st.integers(0, 40), st.integers(0, 600), st.integers(0, 600))
def test_pieces_of_a_table_fit_go_forward_and_cover_it(
    text: str, tokenize: Tokenize, size: int, overlap: int, start: int, length: int
) -> None:
    block = Block(text, tables=(TableRows(start, start + length, "a b"),))

    pieces = list(split([block], tokenize=tokenize, size=size, overlap=overlap))

    covered = {index for piece in pieces for index in range(piece.start, piece.end)}
    assert all(character.isspace() for index, character in enumerate(text) if index not in covered)
    assert all(0 < piece.tokens <= size or len(pieces) == 1 for piece in pieces)
    assert all(before.start < after.start and before.end < after.end for before, after in pairwise(pieces))
