"""Reads what people put on a page: notes, comments on marked text, and where links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ctypes import byref, c_int, create_string_buffer
from functools import partial
from typing import Any, Final

import pypdfium2
from pypdfium2 import raw

from datasets.ingestion.readers.pdf.characters import Characters
from datasets.ingestion.readers.pdf.fields import box_of, is_unseen, text_of
from datasets.ingestion.readers.pdf.raised import Edit
from datasets.ingestion.readers.typography import linked

MAX_NOTES: Final = 500
MAX_LINKS: Final = 200
LONGEST_NOTE: Final = 20_000
LONGEST_QUOTE: Final = 200
LONGEST_ADDRESS: Final = 500
# Where to look for the last letter of a link, in points: programs draw the box wider than the words.
_FROM_THE_RIGHT: Final = (2, 5, 9, 14)
_MARKUP: Final = {
    raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY, raw.FPDF_ANNOT_STRIKEOUT,
}  # fmt: skip
_NOTES: Final = _MARKUP | {
    raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_CIRCLE,
    raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE, raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_CARET, raw.FPDF_ANNOT_INK,
    raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_FILEATTACHMENT,
}  # fmt: skip
_SCHEME: Final = re.compile(r"(?i)^(?:https?://(?:www\.)?|ftp://|mailto:|tel:)")


def lines(page: pypdfium2.PdfPage, characters: Characters) -> list[str]:
    """Return the notes of a page: text that is set on it as it stands, comments in brackets after what they mark."""
    found: dict[str, str] = {}
    on_page = _squeezed(characters.text)
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), MAX_NOTES)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if kind not in _NOTES or is_unseen(annotation):
                continue
            contents = _contents(annotation)
            # Programs copy the marked text into the note, and a note into its window.
            if contents and contents not in found and _squeezed(contents) not in on_page:
                found[contents] = _shown(contents, kind, annotation, characters)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return list(found.values())


def links(page: pypdfium2.PdfPage, document: pypdfium2.PdfDocument, characters: Characters) -> list[Edit]:
    """Return what shows where each link leads: its address after its words, once for one that goes over lines."""
    text, found = characters.text, list(_links(page, document))
    edits: dict[int, Edit] = {}
    for number, (address, (left, bottom, right, top)) in enumerate(found):
        if number + 1 < len(found) and found[number + 1][0] == address:
            continue
        middle = (bottom + top) / 2
        places = (characters.at(max(right - back, left), middle) for back in _FROM_THE_RIGHT)
        last = next((place for place in places if place is not None), None)
        if last is None:
            continue
        first = characters.at(left + 2, middle)
        shown = text[first : last + 1] if first is not None and first <= last else text[last : last + 1]
        behind = linked(shown.strip(), address)[len(shown.strip()) :]
        if behind and not _says(shown, address):
            end = _end_of_word(text, last)
            edits.setdefault(end, Edit(end, end, behind))
    return list(edits.values())


def _contents(annotation: Any) -> str:
    said = text_of(partial(raw.FPDFAnnot_GetStringValue, annotation, b"Contents"))
    return "\n".join(said[:LONGEST_NOTE].splitlines()).strip()


def _shown(contents: str, kind: int, annotation: Any, characters: Characters) -> str:
    if kind == raw.FPDF_ANNOT_FREETEXT:
        return contents
    if kind not in _MARKUP:
        return f"[{contents}]"
    quoted = " ".join(characters.within(*box_of(annotation)).split())[:LONGEST_QUOTE]
    return f"[“{quoted}”: {contents}]" if quoted else f"[{contents}]"


def _links(page: pypdfium2.PdfPage, document: pypdfium2.PdfDocument) -> Iterator[tuple[str, tuple[float, ...]]]:
    position, link, box = c_int(0), raw.FPDF_LINK(), raw.FS_RECTF()
    for _ in range(MAX_LINKS):
        if not raw.FPDFLink_Enumerate(page, byref(position), byref(link)):
            return
        address = _address(document, link)
        if address and raw.FPDFLink_GetAnnotRect(link, byref(box)):
            yield address, (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))


def _address(document: pypdfium2.PdfDocument, link: Any) -> str:
    action = raw.FPDFLink_GetAction(link)
    if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
        return ""
    length = raw.FPDFAction_GetURIPath(document, action, None, 0)
    if not 1 < length <= LONGEST_ADDRESS:
        return ""
    buffer = create_string_buffer(length)
    raw.FPDFAction_GetURIPath(document, action, buffer, length)
    address = buffer.value.decode("utf-8", "replace").strip()
    return "" if any(map(str.isspace, address)) else address


def _says(shown: str, address: str) -> bool:
    """Whether the words of a link are its address, or most of it."""
    bare = _squeezed(_SCHEME.sub("", address)).rstrip("/")
    words = _squeezed(_SCHEME.sub("", shown.strip())).strip("/.,;()<>[]")
    return bool(bare) and (
        bare in words or (len(words) > 2 and bare.endswith(words)) or (len(words) > 8 and words in bare)
    )


def _squeezed(text: str) -> str:
    return "".join(text.split()).lower()


def _end_of_word(text: str, last: int) -> int:
    end = last + 1
    while end < len(text) and (text[end].isalnum() or text[end] in "-_'’"):
        end += 1
    return end
