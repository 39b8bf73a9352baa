"""Tells what kind a file is by what is in it, and knows the reader of each kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from mimetypes import MimeTypes
from pathlib import Path, PurePath
from typing import cast

from chatcms.core.text.safety import seen
from datasets.blocks import Origin, ReadError, Reading
from datasets.ingestion.readers import archives, compound
from datasets.ingestion.readers.decoding import wide_encoding

Progress = Callable[[int, int], None]
Reader = Callable[[Path, Progress], Reading]
TextReader = Callable[[Path, Progress, Origin], Reading]

HEAD_BYTES = 8192


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that can be read."""

    name: str
    content_type: str
    extensions: tuple[str, ...]
    reader: str
    is_text: bool = False


KINDS: dict[str, FileKind] = {
    kind.name: kind
    for kind in (
        FileKind("txt", "text/plain", (".txt", ".text", ".log"), "text:read", is_text=True),
        FileKind("md", "text/markdown", (".md", ".markdown", ".mdx"), "markdown:read", is_text=True),
        FileKind("html", "text/html", (".html", ".htm", ".xhtml"), "html:read", is_text=True),
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

# Extensions that say what a file is, of kinds that are not read here; others are a part of the name ("notes v1.2").
_OTHER_EXTENSIONS = frozenset(MimeTypes().types_map[True]) | {
    ".jsonl", ".ndjson", ".yaml", ".yml", ".toml", ".ini", ".ics", ".vcf", ".srt", ".vtt", ".tex", ".rst", ".adoc",
    ".epub", ".odt", ".ods", ".odp", ".xlsx", ".pptx", ".rtf", ".msg", ".pages", ".numbers", ".key", ".sql", ".ipynb",
}  # fmt: skip

# These begin formats that are written in letters; others are told from text by the controls in them.
_WRITTEN_HEADS = (b"{\\rtf1", b"%!PS-")
_HTML_HEADS = (b"<!doctype html", b"<html", b"<head", b"<body")
_PDF = re.compile(rb"%PDF-[12]\.\d(?=[\s%]|\Z)")
_PDF_WITHIN = 1024
_CONTROLS = re.compile(rb"[\x00-\x08\x10-\x1a\x1c-\x1f]")
_MOST_CONTROLS = 0.01


def kind_of(name: str, head: bytes, path: Path | None = None) -> FileKind:
    """Return the kind of the file called `name` whose first `HEAD_BYTES` bytes are `head`.

    What is in the file decides; the name only tells text, Markdown and HTML apart. `path` is where the whole file is,
    as far as it is at hand: it tells what an archive is. Raises `ReadError`.
    """
    if _is_empty(head):
        raise ReadError("empty", "This file is empty. Upload a file that has text in it.")
    extension = PurePath(name).suffix.lower()
    claimed = _BY_EXTENSION.get(extension)
    found = _by_content(head, path, claimed)
    if found is None:
        if claimed is None and extension in _OTHER_EXTENSIONS:
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


def read(path: Path, kind: FileKind, progress: Progress, origin: Origin | None = None) -> Reading:
    """Read the file with the reader of its kind; `origin` is what is known of where it is from. Raises `ReadError`."""
    module_name, function_name = kind.reader.split(":")
    reader = getattr(import_module(f"datasets.ingestion.readers.{module_name}"), function_name)
    if kind.is_text:
        return cast("TextReader", reader)(path, progress, origin or Origin())
    return cast("Reader", reader)(path, progress)


def _is_empty(head: bytes) -> bool:
    """Whether there is nothing to see: a file may begin with any number of spaces, if there is more of it."""
    if len(head) >= HEAD_BYTES:
        return not head.strip(b"\x00")
    text = head.decode(
        wide_encoding(head) or ("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"), "replace"
    )
    return not seen(text)


def _by_content(head: bytes, path: Path | None, claimed: str | None) -> str | None:
    """Return the kind that the content shows, None for plain text of whatever kind. Raises `ReadError`."""
    is_text = _is_text(head)
    if _is_pdf(head, is_certain=claimed == "pdf" or not is_text):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_archive(head, path)
    if head.startswith(compound.MARK):
        raise compound.refusal(head, path)
    if not is_text or head.startswith(_WRITTEN_HEADS):
        raise _unsupported("")
    return "html" if _start_of(head).startswith(_HTML_HEADS) else None


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or wide_encoding(head):
        return True
    return b"\x00" not in head and len(_CONTROLS.findall(head)) <= _MOST_CONTROLS * len(head)


def _is_pdf(head: bytes, *, is_certain: bool) -> bool:
    """Whether the mark of a PDF is where it belongs; other bytes may be before it, but no text that mentions it."""
    return bool(_PDF.match(head.lstrip()) or (is_certain and b"%PDF-" in head[:_PDF_WITHIN]))


def _of_archive(head: bytes, path: Path | None) -> str:
    what = archives.what_is(head, path)
    if what != archives.DOCX:
        raise ReadError("unsupported_type", archives.WORDS[what])
    return what


def _start_of(head: bytes) -> bytes:
    """Return how a text begins, without what may be before the first tag of a page."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else wide_encoding(head)
    plain = head.decode(encoding, "replace").encode("utf-8", "replace") if encoding else head
    start = plain.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml"):
        start = start.partition(b"?>")[2].lstrip()
    while start.startswith(b"<!--"):
        start = start.partition(b"-->")[2].lstrip()
    return start


def _unsupported(extension: str) -> ReadError:
    what = f"Files of type {extension}" if extension else "Files of this type"
    return ReadError("unsupported_type", f"{what} cannot be read. Upload one of these: {ACCEPTED}.")
