"""Opens a PDF, reads its bookmarks, and says why there is nothing to read in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from pypdfium2.raw import (
    FORMTYPE_NONE,
    FORMTYPE_XFA_FOREGROUND,
    FORMTYPE_XFA_FULL,
    FPDF_ERR_PASSWORD,
    FPDF_ERR_SECURITY,
)

from datasets.blocks import Outline, ReadError
from datasets.ingestion.readers.pdf.values import Page

MAX_BOOKMARKS = 5000
# What Adobe's programs write on the only page of a form that is drawn while it is looked at
_PLACEHOLDERS = ("please wait...", "if this message is not eventually replaced")
_MOST_OF_PLACEHOLDER = 3000


def open_document(path: Path) -> pypdfium2.PdfDocument:
    """Open the file, with its form if it has one. Raises `ReadError`."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}:
            raise ReadError(
                "encrypted", "This PDF is protected by a password. Remove the password and upload it again."
            ) from error
        raise ReadError(
            "damaged", "This PDF is damaged and cannot be opened. Export it again and upload the new file."
        ) from error
    if document.get_formtype() != FORMTYPE_NONE:
        document.init_forms()
    return document


def sections(document: pypdfium2.PdfDocument, pages: int) -> Sequence[tuple[str, ...]]:
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


def refuse_placeholder(document: pypdfium2.PdfDocument, pages: Sequence[Page]) -> None:
    """Raise `ReadError` when the document shows nothing but the request to open it in another program."""
    text = " ".join(line.text for page in pages[:2] for line in page.lines).casefold()
    form = document.get_formtype()
    is_short = len(pages) <= 2 and len(text) < _MOST_OF_PLACEHOLDER
    is_drawn_later = form == FORMTYPE_XFA_FULL and "adobe" in text
    is_xfa = form in {FORMTYPE_XFA_FULL, FORMTYPE_XFA_FOREGROUND}
    says_so = text.startswith(_PLACEHOLDERS[0]) and (_PLACEHOLDERS[1] in text or is_xfa)
    if is_short and (is_drawn_later or says_so):
        raise ReadError(
            "xfa_form",
            "This PDF is a form that only Adobe's programs can show (XFA). Open it in Adobe Reader, print it to a new "
            "PDF, and upload that.",
        )


def nothing_to_read(pages: Sequence[Page]) -> ReadError:
    """Return why a document has no text."""
    if any(page.has_unreadable for page in pages):
        return ReadError(
            "unreadable_font",
            "The text of this PDF cannot be read: its fonts do not say which letters they show. Save it anew as PDF "
            "from the program that made it, or run it through text recognition (OCR), and upload the result.",
        )
    if any(page.is_picture for page in pages):
        return ReadError(
            "scan",
            "This PDF is a scan: it has pictures of text, but no text. Run it through text recognition (OCR) "
            "and upload the result.",
        )
    return ReadError("empty", "This PDF has no text in it. Upload a file that has text.")
