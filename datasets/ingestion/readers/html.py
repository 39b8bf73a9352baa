"""Reads HTML: the text a visitor would read, by its headings, without scripts, styles and navigation."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from datasets.ingestion.base import Reading, SectionWriter
from datasets.ingestion.readers.decoding import decode
from datasets.ingestion.readers.registry import Progress

_DROPPED = (
    "script", "style", "noscript", "template", "nav", "svg", "iframe", "object", "embed", "canvas", "head",
    "select", "button", "dialog",
)  # fmt: skip
_BREAKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_PARAGRAPHS = frozenset({"p", "pre", "ul", "ol", "table", "blockquote", "dl"})
_CELLS = frozenset({"td", "th"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"\s+")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
# Decoders of other things than pages; the time of some grows with the square of the text.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
_MAIN_IS_ENOUGH = 500


def read(path: Path, _progress: Progress) -> Reading:
    """Return one block for the text under each heading; the page's title stands for a missing first heading."""
    return reading_of(path.read_bytes())


def reading_of(raw: bytes) -> Reading:
    """Read a page that is no file of its own, as one inside a Word file."""
    tree = LexborHTMLParser(_decoded(raw))
    title_node = tree.css_first("title")
    title = _SPACES.sub(" ", title_node.text().strip()) if title_node else ""
    for node in tree.css(",".join(_DROPPED)):
        node.decompose()
    writer = SectionWriter()
    if title and tree.css_first("h1") is None:
        writer.outline.enter(0, title)
    root = _content(tree)
    if root is not None:
        _write(root, writer)
    return Reading(writer.blocks())


def _decoded(raw: bytes) -> str:
    declared = _CHARSET.search(raw[:4096])
    if declared and not raw.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            name = codecs.lookup(declared[1].decode("ascii")).name
            if name not in _NO_CHARSETS:
                return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(raw)


def _content(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the page's one main part when it says which and that holds text, else its body."""
    mains = tree.css("main, [role=main]")
    if len(mains) == 1 and len(mains[0].text()) >= _MAIN_IS_ENOUGH:
        return mains[0]
    return tree.body


def _write(root: LexborNode, writer: SectionWriter) -> None:
    line: list[str] = []
    heading = 0
    preformatted = 0
    for event, node in _walk(root):
        tag = node.tag or ""
        if event == "text":
            text = node.text_content or ""
            line.append(text if preformatted else _SPACES.sub(" ", text))
        elif tag in _CELLS and event == "end":
            line.append(" | ")
        elif tag in _BREAKS:
            _end_lines(line, heading, writer)
            heading = _HEADINGS.get(tag, 0) if event == "start" else 0
            preformatted += (tag == "pre") * (1 if event == "start" else -1)
            if tag == "li" and event == "start":
                line.append("- ")
            elif tag in _PARAGRAPHS and event == "end":
                writer.line("")
    _end_lines(line, heading, writer)


def _end_lines(line: list[str], heading: int, writer: SectionWriter) -> None:
    text = "".join(line).strip().removesuffix("|").rstrip()
    line.clear()
    if heading and text:
        writer.heading(heading, text, shown=text)
    elif text and text != "-":
        writer.line(text)


def _walk(root: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    """Yield start, text and end events in document order, without recursion: pages nest as deep as they like."""
    stack: list[tuple[str, LexborNode]] = [("start", root)]
    while stack:
        event, node = stack.pop()
        if event == "start" and node.tag == "-text":
            yield "text", node
            continue
        yield event, node
        if event == "start":
            stack.append(("end", node))
            children = list(node.iter(include_text=True))
            stack.extend(("start", child) for child in reversed(children))
