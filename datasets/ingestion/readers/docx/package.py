"""Opens the package that a Word file is: its parts, what kind each is, and which refers to which.

What a part unpacks to is counted while it is unpacked: what the archive says about sizes may be a lie.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final
from urllib.parse import unquote

from datasets.blocks import ReadError
from datasets.ingestion.readers.docx.parsing import Attributes, Handler, parse
from datasets.ingestion.readers.registry import ACCEPTED

MAX_ENTRIES: Final = 10_000
MAX_UNPACKED_BYTES: Final = 128 * 1024 * 1024
MAX_RATIO: Final = 200
_RATIO_MATTERS_ABOVE: Final = 5 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_ENCRYPTED: Final = 0x1
_TYPES: Final = "[content_types].xml"
_USUAL_MAIN: Final = "word/document.xml"
# Programs of other offices keep their files in packages of the same kind.
_OTHERS: Final = {
    "spreadsheetml": "an Excel workbook, which cannot be read",
    "ms-excel": "an Excel workbook, which cannot be read",
    "presentationml": "a PowerPoint presentation, which cannot be read",
    "ms-powerpoint": "a PowerPoint presentation, which cannot be read",
    "ms-visio": "a Visio drawing, which cannot be read",
}


@dataclass(frozen=True, slots=True)
class Relationship:
    """What a part refers to by an id: another part by its name, or something outside by its address."""

    kind: str
    target: str
    is_external: bool


@dataclass(slots=True)
class Budget:
    """How many bytes a file, with all packages inside it, may still unpack to."""

    left: int = MAX_UNPACKED_BYTES

    def spend(self, count: int) -> None:
        """Take `count` bytes off. Raises `ReadError` when nothing is left."""
        self.left -= count
        if self.left < 0:
            raise unpacks_to_too_much()


class Package:
    """The parts of one Word file by name; names know no case, and start without a slash."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        """Look the parts up. Raises `ReadError`, or what `zipfile` raises for a damaged archive."""
        self._archive = zipfile.ZipFile(file)
        self.budget = budget
        entries = self._archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise unpacks_to_too_much()
        self._entries = {_normal(entry.filename): entry for entry in entries}
        self._types = self._read_types()

    def __contains__(self, part: str) -> bool:
        return _normal(part) in self._entries

    def main_part(self) -> str:
        """Return the name of the part that holds the document. Raises `ReadError` if this is no Word file."""
        related = [one.target for one in self.relationships("").values() if one.kind == "officeDocument"]
        for part in (*related, *self._types.mains, _USUAL_MAIN):
            if part in self:
                self._refuse_others(part)
                return part
        raise no_word_file("an archive, but no Word document")

    def content_type(self, part: str) -> str:
        """Return what the package says that the part is, in lower case; "" when it says nothing."""
        name = _normal(part)
        return self._types.of_part.get(name) or self._types.of_extension.get(name.rpartition(".")[2], "")

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Return what the part refers to, by id; with the part "" what the package itself does."""
        folder, name = posixpath.split(part)
        described = posixpath.join(folder, "_rels", f"{name}.rels")
        found = _Relationships(folder)
        if described in self:
            self.parse(described, found)
        return found.by_id

    def related(self, part: str, kind: str, *, usual: str) -> str | None:
        """Return the name of the one part of this kind that `part` refers to, or of the file `usual` beside it."""
        names = [one.target for one in self.relationships(part).values() if one.kind == kind and not one.is_external]
        for name in (*names, posixpath.join(posixpath.dirname(part), usual)):
            if name in self:
                return name
        return None

    def parse(self, part: str, handler: Handler) -> None:
        """Send the part's elements to `handler`, a piece at a time."""
        parse(self.chunks(part), handler)

    def read(self, part: str) -> bytes:
        """Return all bytes of a part."""
        return b"".join(self.chunks(part))

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield a part's bytes. Raises `ReadError` as soon as they are too many, or for a protected one."""
        entry = self._entries[_normal(part)]
        if entry.flag_bits & _ENCRYPTED:
            raise ReadError("encrypted", "This file is protected by a password. Remove it and upload the file again.")
        most = max(_RATIO_MATTERS_ABOVE, entry.compress_size * MAX_RATIO)
        # Who is honest is refused at once.
        if entry.file_size > min(most, self.budget.left):
            raise unpacks_to_too_much()
        try:
            with self._archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    self.budget.spend(len(chunk))
                    most -= len(chunk)
                    if most < 0:
                        raise unpacks_to_too_much()
                    yield chunk
        except zlib.error as error:
            raise zipfile.BadZipFile from error

    def _read_types(self) -> _ContentTypes:
        types = _ContentTypes()
        if _TYPES in self._entries:
            self.parse(_TYPES, types)
        return types

    def _refuse_others(self, part: str) -> None:
        declared = self.content_type(part)
        for mark, what in _OTHERS.items():
            if mark in declared:
                raise no_word_file(what)


@dataclass(slots=True)
class _ContentTypes:
    """Gathers which part is of which type, by its name or its extension, and which parts are Word's main ones."""

    of_part: dict[str, str] = field(default_factory=dict)
    of_extension: dict[str, str] = field(default_factory=dict)
    mains: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: Attributes) -> None:
        kind = attributes.get("ContentType", "").lower()
        name = tag.rpartition(":")[2]
        if name == "Default":
            self.of_extension[attributes.get("Extension", "").lower()] = kind
        elif name == "Override":
            part = _normal(attributes.get("PartName", ""))
            self.of_part[part] = kind
            if is_word_document(kind):
                self.mains.append(part)

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class _Relationships:
    """Gathers what one part, in `folder`, refers to."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.by_id: dict[str, Relationship] = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        if not tag.endswith(":Relationship"):
            return
        target = attributes.get("Target", "")
        is_external = attributes.get("TargetMode", "") == "External"
        if not is_external:
            target = _normal(posixpath.join("/", self._folder, unquote(target.replace("\\", "/"))))
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.by_id[attributes.get("Id", "")] = Relationship(kind, target, is_external)

    def end(self, tag: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def is_word_document(content_type: str) -> bool:
    """Whether this is the type of the main part of a Word document or template, with or without macros."""
    kind = content_type.lower()
    is_word = "wordprocessingml." in kind or "ms-word." in kind
    return is_word and kind.endswith(".main+xml") and ("document" in kind or "template" in kind)


def unpacks_to_too_much() -> ReadError:
    """Return the refusal of what is far larger than it seems."""
    return ReadError("too_large", "This file unpacks to far more than it should. Save it again, or split it up.")


def no_word_file(what: str) -> ReadError:
    """Return the refusal of a package that is `what` instead."""
    return ReadError("unsupported_type", f"This file is {what}. Upload one of these: {ACCEPTED}.")


def _normal(name: str) -> str:
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/").lower()
