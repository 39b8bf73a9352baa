"""Tells old Office files from those that a password protects: both are compound files, of several streams."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from datasets.blocks import ReadError

MARK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED: Final = "EncryptedPackage".encode("utf-16-le")
_SECTOR_SIZE, _DIRECTORY = slice(30, 32), slice(48, 52)
_USUAL_SIZE, _LARGEST_SIZE = 9, 16
_READ: Final = 4096


def refusal(head: bytes, path: Path | None) -> ReadError:
    """Return why a compound file whose first bytes are `head` is not read; `path` is where all of it is, if it is."""
    if _PROTECTED in head or _PROTECTED in _directory(head, path):
        return ReadError("encrypted", "This file is protected by a password. Remove it and upload the file again.")
    return ReadError(
        "old_office",
        "This is an old or a password-protected Office file. Save it as .docx or PDF without a password.",
    )


def _directory(head: bytes, path: Path | None) -> bytes:
    """Return the beginning of the list of streams, which may be anywhere in the file."""
    if path is None:
        return b""
    size = int.from_bytes(head[_SECTOR_SIZE], "little")
    sector = int.from_bytes(head[_DIRECTORY], "little")
    with path.open("rb") as file:
        file.seek((sector + 1) << (size if size <= _LARGEST_SIZE else _USUAL_SIZE))
        return file.read(_READ)
