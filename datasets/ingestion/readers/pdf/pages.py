"""Reads one page: its lines, what is filled in and noted on it, and whether it is a picture."""

from __future__ import annotations

from typing import Any, Final

import pypdfium2
from pypdfium2 import raw

from datasets.ingestion.readers.pdf import clusters, fields, legible, letters, lines, notes, raised, rightward
from datasets.ingestion.readers.pdf.characters import Characters
from datasets.ingestion.readers.pdf.values import Page

# Pages with so little text may be pictures with a header and a page number.
_LITTLE_TEXT: Final = 400
_MOST_OBJECTS: Final = 5000
_LEAST_PICTURE: Final = 0.01
_MANY_PATHS: Final = 60


def read_page(document: pypdfium2.PdfDocument, number: int) -> Page:
    """Return page `number`, from 0. One that cannot be loaded does not make the others worthless."""
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return Page(number + 1, [], is_damaged=True)
    try:
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        page.close()
        return Page(number + 1, [], is_damaged=True)
    try:
        return _page(document, page, Characters(text_page), number + 1)
    finally:
        text_page.close()
        page.close()


def is_picture(page: pypdfium2.PdfPage) -> bool:
    """Whether the page shows a picture of some size, or a drawing."""
    width, height = page.get_size()
    paths = 0
    for count, item in enumerate(page.get_objects(max_depth=3)):
        if count >= _MOST_OBJECTS:
            return True
        paths += item.type == raw.FPDF_PAGEOBJ_PATH
        if paths >= _MANY_PATHS or (
            item.type == raw.FPDF_PAGEOBJ_IMAGE and _share(item, width * height) > _LEAST_PICTURE
        ):
            return True
    return False


def _page(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, characters: Characters, number: int) -> Page:
    has_annotations = raw.FPDFPage_GetAnnotCount(page) > 0
    additions: list[str] = []
    edits, is_lost = legible.edits(characters)
    breaks = lines.false_breaks(characters)
    edits += raised.edits(characters, breaks)
    edits += lines.joints(characters, breaks)
    edits += lines.false_spaces(characters)
    edits += lines.spaced_words(characters)
    edits += rightward.edits(characters)
    edits += clusters.edits(characters)
    if has_annotations:
        edits += notes.links(page, document, characters)
        additions += fields.lines(page, document.formenv, characters)
        additions += notes.lines(page, characters)
    found = lines.lines_of(characters, edits, breaks, page.get_cropbox(), page.get_rotation())
    together = [line.with_text(letters.read_together(line.text).strip()) for line in found]
    shown = letters.upright(rightward.in_order([line for line in together if line.text]))
    length = sum(len(line.text) for line in shown)
    return Page(number, shown, additions, length < _LITTLE_TEXT and is_picture(page), is_lost)


def _share(item: Any, area: float) -> float:
    try:
        left, bottom, right, top = item.get_bounds()
    except pypdfium2.PdfiumError:
        return 0.0
    return float(abs(right - left) * abs(top - bottom) / area) if area else 0.0
