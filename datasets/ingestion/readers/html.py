"""Reads HTML: the text a visitor would read or unfold, by its headings, without scripts, styles and navigation."""

from __future__ import annotations

import re
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from datasets.blocks import Notice, Origin, Reading, SectionWriter
from datasets.ingestion.readers.html_head import decoded_page
from datasets.ingestion.readers.html_hidden import Hidden
from datasets.ingestion.readers.html_links import Links
from datasets.ingestion.readers.html_page import Page
from datasets.ingestion.readers.registry import Progress

_DROPPED = (
    "script", "style", "template", "nav", "[role=navigation]", "[role=search]", "svg", "iframe", "object", "embed",
    "canvas", "audio", "video", "datalist", "dialog:not([open])", "head",
)  # fmt: skip
_SPACES = re.compile(r"\s+")
_SHADOW = re.compile(r"<template(?=[^<>]{0,300}\sshadowroot)", re.IGNORECASE)
_MAIN_IS_ENOUGH = 500


def read(path: Path, _progress: Progress, origin: Origin) -> Reading:
    """Return one block for the text under each heading; the page's title stands for a missing first heading."""
    return reading_of(path.read_bytes(), origin)


def reading_of(raw: bytes, origin: Origin | None = None) -> Reading:
    """Read a page that is no file of its own, as one inside a Word file."""
    origin = origin or Origin()
    found = decoded_page(raw, origin)
    reading = _reading(found.text, found.notices, origin)
    # A page of scripts says to those without them what it has to say.
    return reading if reading.blocks else _reading(found.text, found.notices, origin, without_scripts=True)


def _reading(text: str, notices: tuple[Notice, ...], origin: Origin, *, without_scripts: bool = False) -> Reading:
    tree = LexborHTMLParser(_SHADOW.sub("<div", text))
    title_node = tree.css_first("title")
    title = _SPACES.sub(" ", title_node.text().strip()) if title_node else ""
    hidden, links = Hidden(tree), Links(tree, address=origin.address, source=text)
    for node in tree.css(",".join(_DROPPED if without_scripts else (*_DROPPED, "noscript"))):
        node.decompose()
    writer = SectionWriter()
    if title and tree.css_first("h1") is None:
        writer.outline.enter(0, title)
    root = _content(tree)
    if root is not None:
        Page(root, writer, hidden, links).write()
    return Reading(writer.blocks(), notices=notices)


def _content(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the page's one main part when it says which and that holds text, else its body."""
    mains = tree.css("main, [role=main]")
    if len(mains) == 1 and len(mains[0].text()) >= _MAIN_IS_ENOUGH:
        return mains[0]
    return tree.body
