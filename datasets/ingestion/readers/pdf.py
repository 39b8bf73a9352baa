"""Reads PDF page by page; bookmarks give the sections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY, FPDF_PAGEOBJ_IMAGE

from datasets.ingestion.base import Block, Outline, ReadError, Reading
from datasets.ingestion.readers.registry import Progress

MAX_PAGES = 5000
MAX_BOOKMARKS = 5000
# pdfium marks a word that is broken over two lines with U+0002 or U+FFFE in place of its hyphen.
_BROKEN_WORD = re.compile(r"[\x02\ufffe]\r?\n?")


def read(path: Path, progress: Progress) -> Reading:
    """Return one block per page that has text. Raises `ReadError` for what cannot be read."""
    document = _open(path)
    pages = len(document)
    if pages > MAX_PAGES:
        raise ReadError("too_many_pages", f"This PDF has {pages} pages; the limit is {MAX_PAGES}. Split it up.")
    sections = _sections(document, pages)
    blocks = []
    for number in range(pages):
        text = _page_text(document, number)
        if text:
            blocks.append(Block(text, sections[number], number + 1))
        progress(number + 1, pages)
    if not blocks:
        raise _no_text(document, pages)
    return Reading(tuple(blocks), pages)


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}:
            raise ReadError(
                "encrypted", "This PDF is protected by a password. Remove the password and upload it again."
            ) from error
        raise ReadError(
            "damaged", "This PDF is damaged and cannot be opened. Export it again and upload the new file."
        ) from error


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        # One page that cannot be loaded does not make the others worthless.
        return ""
    text_page = page.get_textpage()
    text = str(text_page.get_text_bounded())
    text_page.close()
    page.close()
    return "\n".join(line.rstrip() for line in _BROKEN_WORD.sub("", text).split("\n")).strip()


def _sections(document: pypdfium2.PdfDocument, pages: int) -> Sequence[tuple[str, ...]]:
    """Return the path of bookmarks that is open at the start of each page, or the first that opens on it."""
    starts: dict[int, list[tuple[int, str]]] = {}
    for count, item in enumerate(document.get_toc(max_depth=6)):
        if count >= MAX_BOOKMARKS:
            break
        destination = item.get_dest()
        page = destination.get_index() if destination else None
        title = " ".join(str(item.get_title()).split())
        if page is not None and title:
            starts.setdefault(page, []).append((item.level, title))
    outline = Outline()
    paths = []
    for page in range(pages):
        opening = starts.get(page, [])
        for level, title in opening[:1]:
            outline.enter(level, title)
        paths.append(outline.path)
        for level, title in opening[1:]:
            outline.enter(level, title)
    return paths


def _no_text(document: pypdfium2.PdfDocument, pages: int) -> ReadError:
    if any(
        item.type == FPDF_PAGEOBJ_IMAGE for number in range(min(pages, 20)) for item in document[number].get_objects()
    ):
        return ReadError(
            "scan",
            "This PDF is a scan: it has pictures of text, but no text. Run it through text recognition (OCR) "
            "and upload the result.",
        )
    return ReadError("empty", "This PDF has no text in it. Upload a file that has text.")
