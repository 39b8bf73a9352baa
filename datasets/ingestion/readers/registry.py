"""Tells what kind a file is by what is in it, and knows the reader of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePath
from typing import cast

from datasets.ingestion.base import ReadError, Reading

Progress = Callable[[int, int], None]
Reader = Callable[[Path, Progress], Reading]

HEAD_BYTES = 8192


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that can be read."""

    name: str
    content_type: str
    extensions: tuple[str, ...]
    reader: str


KINDS: dict[str, FileKind] = {
    kind.name: kind
    for kind in (
        FileKind("txt", "text/plain", (".txt", ".text", ".log"), "text:read"),
        FileKind("md", "text/markdown", (".md", ".markdown", ".mdx"), "markdown:read"),
        FileKind("html", "text/html", (".html", ".htm", ".xhtml"), "html:read"),
        FileKind("pdf", "application/pdf", (".pdf",), "pdf:read"),
        FileKind(
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            (".docx",),
            "docx:read",
        ),
    )
}
ACCEPTED = ", ".join(KINDS)
_BY_TYPE = {kind.content_type: kind for kind in KINDS.values()}
_BY_EXTENSION = {extension: kind.name for kind in KINDS.values() for extension in kind.extensions}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_HEADS = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf",
    b"Rar!", b"\x28\xb5\x2f\xfd", b"OggS", b"ID3", b"RIFF", b"II*\x00", b"MM\x00*", b"SQLite format 3",
    b"{\\rtf", b"%!PS",
)  # fmt: skip
_HTML_HEADS = (b"<!doctype html", b"<html", b"<head", b"<body")


def kind_of(name: str, head: bytes) -> FileKind:
    """Return the kind of the file called `name` whose first `HEAD_BYTES` bytes are `head`.

    What is in the file decides; the name only tells text, Markdown and HTML apart. Raises `ReadError`.
    """
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise ReadError("empty", "This file is empty. Upload a file that has text in it.")
    extension = PurePath(name).suffix.lower()
    claimed = _BY_EXTENSION.get(extension)
    found = _by_magic(head)
    if found is None:
        if extension and claimed is None:
            raise _unsupported(extension)
        if claimed in {"pdf", "docx"}:
            raise ReadError(
                "not_what_it_says",
                f"This file is called {extension} but is not one. Open it and save it as a real {claimed.upper()}.",
            )
        found = claimed or "txt"
    return KINDS[found]


def is_known(name: str) -> bool:
    """Whether files with the extension of this name are read here."""
    return PurePath(name).suffix.lower() in _BY_EXTENSION


def kind_of_type(content_type: str) -> FileKind | None:
    """Return the kind that has this content type, with or without parameters, None if there is none."""
    return _BY_TYPE.get(content_type.partition(";")[0].strip().lower())


def read(path: Path, kind: FileKind, progress: Progress) -> Reading:
    """Read the file with the reader of its kind. Raises `ReadError`."""
    module_name, function_name = kind.reader.split(":")
    module = import_module(f"datasets.ingestion.readers.{module_name}")
    return cast("Reader", getattr(module, function_name))(path, progress)


def _by_magic(head: bytes) -> str | None:
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    if head.startswith(_OLE):
        raise ReadError(
            "old_office",
            "This is an old or a password-protected Office file. Save it as .docx or PDF without a password.",
        )
    if head.startswith(_BINARY_HEADS):
        raise _unsupported("")
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_HTML_HEADS):
        return "html"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unsupported("")
    return None


def _unsupported(extension: str) -> ReadError:
    what = f"Files of type {extension}" if extension else "Files of this type"
    return ReadError("unsupported_type", f"{what} cannot be read. Upload one of these: {ACCEPTED}.")
