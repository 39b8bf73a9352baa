"""A text that is surely too long is known by samples, and none that could be split is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.blocks import Block
from datasets.ingestion.readers.estimating import fewest_pieces, fewest_pieces_of_file, fewest_tokens
from datasets.ingestion.readers.registry import KINDS
from datasets.ingestion.splitter import split
from datasets.ingestion.tokens import tokenize

WORDS = "Delivery takes three days and costs four euros within the country. "
HAN = "退货政策规定客户可以在三十天内退回商品。"


def file_of(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "file"
    path.write_bytes(content.encode(encoding))
    return path


@pytest.mark.parametrize("text", [WORDS, HAN, f"{WORDS}{HAN}", "a ", "1 "], ids=["words", "han", "both", "a", "1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_samples_tell_most_of_what_splitting_gives_and_never_more(tmp_path: Path, text: str, encoding: str) -> None:
    text = text * (600_000 // len(text))
    pieces = sum(1 for _ in split([Block(text)], tokenize=tokenize, size=200, overlap=0))

    least = fewest_pieces_of_file(file_of(tmp_path, text, encoding), KINDS["txt"], size=200)

    assert pieces / 3 < least <= pieces


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_of_files_that_must_be_unpacked_nothing_is_known(tmp_path: Path, kind: str) -> None:
    assert fewest_pieces_of_file(file_of(tmp_path, WORDS * 10_000), KINDS[kind], size=200) == 0


@pytest.mark.parametrize(
    "content", ["", WORDS, " " * 600_000, "<p>x</p>" * 80_000, f"<script>{'x(1); ' * 100_000}</script>"],
    ids=["nothing", "short", "spaces", "tags", "script"],
)  # fmt: skip
def test_what_has_little_text_is_let_through(tmp_path: Path, content: str) -> None:
    assert fewest_pieces_of_file(file_of(tmp_path, content), KINDS["html"], size=200) < 600


def test_text_between_tags_counts(tmp_path: Path) -> None:
    page = f"<html><body>{f'<p class=text>{WORDS}</p>' * 10_000}"
    assert fewest_pieces_of_file(file_of(tmp_path, page), KINDS["html"], size=200) > 100


@given(
    st.text(
        st.one_of(st.sampled_from("ab .\n漢字, "), st.characters(exclude_categories=["Cs", "Cc", "Cn"])), max_size=400
    )
)
def test_no_text_has_fewer_tokens(text: str) -> None:
    pieces = list(split([Block(text)], tokenize=tokenize, size=100_000, overlap=0))
    spaces = sum(1 for word in text.split() if not tokenize(word))
    assert fewest_tokens(text) <= sum(piece.tokens for piece in pieces) + spaces
    assert fewest_pieces([text], size=10_000) == 0
