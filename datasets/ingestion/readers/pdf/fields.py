"""Reads what is filled in: the values of form fields, each after the words that ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pypdfium2
from pypdfium2 import raw

from datasets.ingestion.readers.pdf.characters import Characters

MAX_FIELDS: Final = 600
LONGEST_LABEL: Final = 200
_UNSEEN_FLAGS: Final = 2 | 32  # hidden, not shown on screens
_PASSWORD_FLAG: Final = 1 << 13
_TICKED: Final = {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}
_CHOSEN: Final = {raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX}
_WRITTEN: Final = {raw.FPDF_FORMFIELD_TEXTFIELD, *_CHOSEN}
# What stands for "ticked" and nothing more, as programs call it; a number is the place among the choices.
_MERE_TICK: Final = re.compile(r"(?i)on|off|yes|ja|oui|sí|si|true|x|checked|selected|choice\d*|\d*")
_FILLERS: Final = " \t\r\n:：._…-–*"
_INDEX: Final = re.compile(r"\[\d+\]")
# In points: how far away a label may be, how high a line is, and a field of more than one
_FAR, _LINE, _TALL = 260.0, 14.0, 45.0


@dataclass(frozen=True, slots=True)
class _Widget:
    """A field's place on the page, with what the form says of it."""

    box: tuple[float, float, float, float]
    kind: int
    name: str
    tooltip: str
    value: str


def lines(page: pypdfium2.PdfPage, form: Any, characters: Characters) -> list[str]:
    """Return "label: value" for each field of the page that has a value, and "label: [x]" for what is ticked."""
    widgets = list(_widgets(page, form))
    found = [f"{label}: {widget.value}" if (label := _label(widget, widgets, characters)) else widget.value
             for widget in widgets if widget.value]  # fmt: skip
    return list(dict.fromkeys(found))


def text_of(ask: Callable[..., int]) -> str:
    """Return the UTF-16 text that one of pdfium's functions writes into a buffer of a given length."""
    length = ask(None, 0)
    if length <= 2:
        return ""
    buffer = (raw.FPDF_WCHAR * (length // 2 + 1))()
    ask(buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").partition("\x00")[0].strip()


def box_of(annotation: Any) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of an annotation."""
    box = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, byref(box))
    return min(box.left, box.right), min(box.bottom, box.top), max(box.left, box.right), max(box.bottom, box.top)


def is_unseen(annotation: Any) -> bool:
    """Whether the page hides the annotation."""
    return bool(raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN_FLAGS)


def _widgets(page: pypdfium2.PdfPage, form: Any) -> Iterator[_Widget]:
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), MAX_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            is_field = raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET
            if is_field and not is_unseen(annotation):
                yield _widget(annotation, form) if form else _loose_widget(annotation)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _widget(annotation: Any, form: Any) -> _Widget:
    def said(ask: Callable[..., int]) -> str:
        return text_of(partial(ask, form, annotation))

    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    value = ""
    if kind in _TICKED:
        if raw.FPDFAnnot_IsChecked(form, annotation):
            meaning = said(raw.FPDFAnnot_GetFormFieldExportValue)
            value = "[x]" if _MERE_TICK.fullmatch(meaning) else f"[x] {meaning}"
    elif kind in _WRITTEN and not raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD_FLAG:
        chosen = _chosen(annotation, form) if kind in _CHOSEN else ""
        value = chosen or said(raw.FPDFAnnot_GetFormFieldValue)
    return _Widget(
        box_of(annotation),
        kind,
        said(raw.FPDFAnnot_GetFormFieldName),
        " ".join(said(raw.FPDFAnnot_GetFormFieldAlternateName).split()),
        "\n".join(value.splitlines()),
    )


def _loose_widget(annotation: Any) -> _Widget:
    """Return a field of a page that was taken out of its form: what the field itself holds."""

    def said(key: bytes) -> str:
        return text_of(partial(raw.FPDFAnnot_GetStringValue, annotation, key))

    value, kind = said(b"V"), raw.FPDF_FORMFIELD_TEXTFIELD
    if raw.FPDFAnnot_GetValueType(annotation, b"V") == raw.FPDF_OBJECT_NAME:
        kind = raw.FPDF_FORMFIELD_CHECKBOX
        value = "[x]" if value == said(b"AS") and value != "Off" else ""
    return _Widget(box_of(annotation), kind, said(b"T"), said(b"TU"), value)


def _chosen(annotation: Any, form: Any) -> str:
    labels = [
        text_of(partial(raw.FPDFAnnot_GetOptionLabel, form, annotation, index))
        for index in range(min(raw.FPDFAnnot_GetOptionCount(form, annotation), MAX_FIELDS))
        if raw.FPDFAnnot_IsOptionSelected(form, annotation, index)
    ]
    return ", ".join(filter(None, labels))


def _label(widget: _Widget, others: Sequence[_Widget], characters: Characters) -> str:
    """Return what the form calls the field, or the words printed beside it, or its name."""
    label = widget.tooltip.strip(_FILLERS) or _beside(widget, others, characters)
    return (label or _INDEX.sub("", widget.name.rpartition(".")[2]))[:LONGEST_LABEL]


def _beside(widget: _Widget, others: Sequence[_Widget], characters: Characters) -> str:
    left, bottom, right, top = widget.box
    # A tall field's label is at its first line.
    low, high = (bottom, top) if top - bottom < _TALL else (top - _LINE, top)
    on_line = [other.box for other in others if other is not widget and other.box[1] < high and other.box[3] > low]
    until = min([box[0] for box in on_line if box[0] >= right], default=right + _FAR)
    since = max([box[2] for box in on_line if box[2] <= left], default=left - _FAR)
    before = _words(characters.within(since, low, left, high), last=True)
    if widget.kind in _TICKED:
        return _words(characters.within(right, low, min(until, right + _FAR), high), last=False) or before
    return before or _words(characters.within(left, top, right, top + _LINE), last=True)


def _words(found: str, *, last: bool) -> str:
    shown = [stripped for line in found.splitlines() if (stripped := line.strip(_FILLERS))]
    return " ".join(shown[-1 if last else 0].split()) if shown else ""
