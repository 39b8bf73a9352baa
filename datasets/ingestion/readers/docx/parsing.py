"""Follows XML as it comes in, and calls elements by short names, whichever edition of the standard they are from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol
from xml.parsers import expat

from datasets.blocks import ReadError

Attributes = dict[str, str]

MAX_DEPTH: Final = 2_000
MAX_NAMES: Final = 10_000
# By what namespaces contain, in this order: the strict edition has others than the usual one, and drafts had more.
_PREFIXES: Final = (
    ("package/2006/relationships", "rels"),
    ("relationships", "r"),
    ("wordprocessingml", "w"),
    ("/word/2010/wordml", "w14"),
    ("/word/2010/wordprocessingShape", "wps"),
    ("officeDocument/2006/math", "m"),
    ("officeDocument/math", "m"),
    ("markup-compatibility", "mc"),
    ("drawingml/2006/wordprocessingDrawing", "wp"),
    ("drawingml/wordprocessingDrawing", "wp"),
    ("drawingml/2006/picture", "pic"),
    ("drawingml/picture", "pic"),
    ("drawingml/2006/diagram", "dgm"),
    ("drawingml/diagram", "dgm"),
    ("drawingml/2006/chart", "c"),
    ("drawingml/chart", "c"),
    ("drawingml/2006/main", "a"),
    ("drawingml/main", "a"),
    ("schemas-microsoft-com:vml", "v"),
    ("schemas-microsoft-com:office:office", "o"),
)


class Handler(Protocol):
    """Takes the elements of a part in their order; names are "w:p", attributes are called without a prefix.

    Only the attributes of relationships keep theirs: "r:id".
    """

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take the start of an element."""

    def end(self, tag: str) -> None:
        """Take the end of an element."""

    def data(self, text: str) -> None:
        """Take text; one run of it may come in pieces."""


def parse(chunks: Iterable[bytes], handler: Handler) -> None:
    """Send the XML in `chunks` to `handler`; nothing of it is kept.

    Raises `ReadError` for what no Word file has in it, `expat.ExpatError` for what is no XML.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    names = _Names()
    begin, finish = handler.start, handler.end
    depth = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ReadError("too_complex", "This Word file is nested too deeply. Save it again, or split it up.")
        begin(names[name], {names.attribute(key): attributes[key] for key in attributes} if attributes else attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        finish(names[name])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.data
    parser.StartDoctypeDeclHandler = _refuse
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


class _Names(dict[str, str]):
    """Short names by those in full; a part has a few hundred, and one with more is no document."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str] = {}

    def __missing__(self, name: str) -> str:
        if len(self) >= MAX_NAMES:
            raise ReadError("damaged", "This Word file has elements in it that no Word file should have.")
        self[name] = short = _short(name)
        return short

    def attribute(self, name: str) -> str:
        """Return an attribute's short name; most have no prefix."""
        if name not in self.attributes:
            short = self[name]
            self.attributes[name] = short if short.startswith("r:") else short.rpartition(":")[2]
        return self.attributes[name]


def _refuse(*_declaration: object) -> None:
    """Refuse a document type: entities are declared in it, which may stand for texts of any length."""
    raise ReadError("damaged", "This Word file has declarations in it that no Word file should have.")


def _short(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    for part, prefix in _PREFIXES:
        if part in namespace:
            return f"{prefix}:{local}"
    return f"?:{local}"
