"""Tells what an archive is by what is in it: most kinds of office document are archives."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final

DOCX: Final = "docx"
_TYPES: Final = "[Content_Types].xml"
_MOST_NAMES, _MOST_OF_A_PART = 10_000, 256 * 1024
_LONGEST_END, _LARGEST_DIRECTORY = 66_000, 4 * 1024 * 1024
_NAME_IN_HEAD = re.compile(rb"PK\x03\x04.{22}(..)(..)", re.DOTALL)

# The type of a file's main part, in which the first of these words stands.
_MAIN_TYPES: Final = (
    (re.compile(r"(?:wordprocessingml\.|ms-word\.)(?:document|template)\.[\w.]{0,60}main\+xml", re.IGNORECASE), DOCX),
    (re.compile(r"(?:spreadsheetml\.|ms-excel\.)(?:sheet|template|addin)\.[\w.]{0,60}main", re.IGNORECASE), "Excel"),
    (re.compile(r"(?:presentationml\.|ms-powerpoint\.)[\w.]{0,60}main\+xml", re.IGNORECASE), "PowerPoint"),
    (re.compile(r"ms-visio\.", re.IGNORECASE), "Visio"),
)
_FOLDERS: Final = (("word/", DOCX), ("xl/", "Excel"), ("ppt/", "PowerPoint"), ("visio/", "Visio"))
_MIMETYPES: Final = (
    ("oasis.opendocument.text", "OpenDocument text"),
    ("oasis.opendocument.spreadsheet", "OpenDocument spreadsheet"),
    ("oasis.opendocument.presentation", "OpenDocument presentation"),
    ("oasis.opendocument.", "OpenDocument"),
    ("epub", "EPUB"),
)
_APPLE: Final = ("Index/Document.iwa", "Index.zip", "index.apxl", "index.xml")
# What to say of each: what it is, and what to save it as.
WORDS: Final = {
    "Excel": "This is an Excel workbook. Save it as PDF or as text, or import questions and answers as CSV.",
    "PowerPoint": "This is a PowerPoint presentation. Save it as PDF and upload that.",
    "Visio": "This is a Visio drawing. Save it as PDF and upload that.",
    "OpenDocument text": "This is an OpenDocument text. Save it as .docx or PDF and upload that.",
    "OpenDocument spreadsheet": "This is an OpenDocument spreadsheet. Save it as PDF and upload that.",
    "OpenDocument presentation": "This is an OpenDocument presentation. Save it as PDF and upload that.",
    "OpenDocument": "This is an OpenDocument file. Save it as PDF and upload that.",
    "EPUB": "This is an e-book (EPUB). Save it as PDF, HTML or text and upload that.",
    "Apple": "This is a file of Pages, Numbers or Keynote. Export it as .docx or PDF and upload that.",
    "": "This is a zip archive. Unpack it and upload the files in it.",
}


def what_is(head: bytes, path: Path | None) -> str:
    """Return `DOCX`, or the key of `WORDS` for what a zip archive is.

    Its directory tells; of one that is cut off, or of which only the head is at hand, the first names tell.
    """
    if path is not None and _has_small_directory(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return _by_directory(archive)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError):
            pass
    return _by_head(head)


def _has_small_directory(path: Path) -> bool:
    """Whether a directory can be read while somebody waits."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _LONGEST_END, 0))
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    return place >= 0 and int.from_bytes(end[place + 12 : place + 16], "little") <= _LARGEST_DIRECTORY


def _by_directory(archive: zipfile.ZipFile) -> str:
    names = [info.filename.replace("\\", "/") for info in archive.infolist()[:_MOST_NAMES]]
    types = _text_of(archive, _TYPES)
    for pattern, what in _MAIN_TYPES:
        if pattern.search(types):
            return what
    mimetype = _text_of(archive, "mimetype")
    return _by_mimetype(mimetype) if mimetype else _by_names(names)


def _text_of(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as part:
            return part.read(_MOST_OF_A_PART).decode("utf-8", "replace")
    except (KeyError, RuntimeError, zipfile.BadZipFile):
        return ""


def _by_mimetype(mimetype: str) -> str:
    return next((what for mark, what in _MIMETYPES if mark in mimetype), "")


def _by_names(names: list[str]) -> str:
    if _TYPES in names:
        for folder, what in _FOLDERS:
            if any(name.startswith(folder) for name in names):
                return what
    return "Apple" if any(name in _APPLE for name in names) else ""


def _by_head(head: bytes) -> str:
    names = []
    for found in _NAME_IN_HEAD.finditer(head):
        length = int.from_bytes(found[1], "little")
        names.append(head[found.end() : found.end() + length].decode("utf-8", "replace"))
        if names == ["mimetype"]:
            return _by_mimetype(head[found.end() + length :][:80].decode("ascii", "replace"))
    if not names or set(names) == {_TYPES}:
        # Nothing speaks against a Word file, and its reader looks closer.
        return DOCX
    return _by_names([*names, _TYPES])
