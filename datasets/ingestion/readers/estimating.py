"""Tells without a tokenizer that a text is too long: from below, so that none is refused that could be split.

A word is a token at least, and so is an ideograph, and no piece has more tokens than it may.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from datasets.ingestion.readers.registry import FileKind

_SAMPLES: Final = 64
_SAMPLE_BYTES: Final = 4096
# A text may be thinner where no sample was taken.
_DOUBT: Final = 1.25
# In pages the text is between tags, and often between scripts, which look like text.
_DOUBT_OF_PAGES: Final = 3.0
_PLAIN_KINDS: Final = {"txt": _DOUBT, "md": _DOUBT, "html": _DOUBT_OF_PAGES}
_IDEOGRAPHS: Final = re.compile("[\u4e00-\u9fff]")
_TAGS: Final = re.compile(r"<[^<>]*>")
_SLICE: Final = 1_000_000
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def fewest_pieces_of_file(path: Path, kind: FileKind, *, size: int) -> int:
    """Return how many pieces of at most `size` tokens the file gives at least, by samples; 0 where that is unknown."""
    doubt = _PLAIN_KINDS.get(kind.name)
    length = path.stat().st_size
    if doubt is None or length <= _SAMPLES * _SAMPLE_BYTES:
        return 0
    tokens = read = 0
    with path.open("rb") as file:
        encoding = _UTF16.get(file.read(2), "utf-8")
        for place in range(_SAMPLES):
            file.seek(length * place // _SAMPLES & ~1)
            sample = file.read(_SAMPLE_BYTES)
            read += len(sample)
            tokens += fewest_tokens(_text(sample.decode(encoding, "replace"), kind))
    return int(tokens * length / read / doubt / size)


def fewest_pieces(texts: Iterable[str], *, size: int) -> int:
    """Return how many pieces of at most `size` tokens these texts give at least."""
    return sum(fewest_tokens(text) // size for text in texts)


def fewest_tokens(text: str) -> int:
    """Return how many tokens the text has at least."""
    slices = (text[start : start + _SLICE] for start in range(0, len(text), _SLICE))
    # A word that two slices share is counted by both.
    return sum(max(len(part.split()) - 1, _ideographs(part)) for part in slices)


def _ideographs(text: str) -> int:
    return 0 if text.isascii() else len(_IDEOGRAPHS.findall(text))


def _text(sample: str, kind: FileKind) -> str:
    if kind.name != "html":
        return sample
    # It may begin and end inside a tag.
    _, _, inside = sample.rpartition("<")[0].partition(">")
    return _TAGS.sub(" ", inside)
