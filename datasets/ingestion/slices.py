"""Keeps the vectors of a long document between slices, beside its file, so that no slice is worked on twice."""

from __future__ import annotations

import hashlib
import os
import uuid
from array import array
from collections.abc import Sequence
from pathlib import Path

from datasets import storage
from datasets.blocks import Piece
from datasets.types import EmbeddingModel, Vector

_MARK_BYTES = 32


class Slices:
    """The vectors of one document, as far as they were made of the same pieces by the same model."""

    def __init__(self, key: str, model: EmbeddingModel, pieces: Sequence[Piece]) -> None:
        self._path = storage.kept_beside(key)
        self._mark = _mark(model, pieces)
        self._most = len(pieces)

    def kept(self) -> Sequence[Vector]:
        """Return the vectors of the first pieces; none when the pieces are others by now."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return []
        head, rest = raw[:_MARK_BYTES], array("f")
        if head != self._mark or len(raw) < _MARK_BYTES + rest.itemsize:
            return []
        rest.frombytes(raw[_MARK_BYTES:])
        dims = int(rest[0])
        return [rest[start : start + dims].tolist() for start in range(1, len(rest), dims)][: self._most]

    def keep(self, vectors: Sequence[Vector]) -> None:
        """Put the vectors of the first pieces in the place of what is kept, at once and whole."""
        numbers = array("f", [len(vectors[0])])
        for vector in vectors:
            numbers.extend(array("f", vector))
        unfinished = self._path.with_name(f"{self._path.name}.{uuid.uuid4()}")
        _write(unfinished, self._mark + numbers.tobytes())
        unfinished.replace(self._path)


def forget(key: str) -> None:
    """Remove what is kept for the document of that file."""
    if key:
        storage.kept_beside(key).unlink(missing_ok=True)


def _mark(model: EmbeddingModel, pieces: Sequence[Piece]) -> bytes:
    digest = hashlib.sha256(model.model_id.encode())
    for piece in pieces:
        digest.update(repr((piece.text, piece.section)).encode("utf-8", "replace"))
    return digest.digest()


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
