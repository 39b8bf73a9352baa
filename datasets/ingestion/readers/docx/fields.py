"""Follows Word's fields: what they were told to show counts, and not what they were told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.styles import is_on
from datasets.ingestion.readers.typography import target_beside

CHECKED, UNCHECKED = "☒", "☐"
# Which page it is, and of how many, says nothing of a text that is read without its pages.
_PAGE_NUMBERS: Final = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_TARGET: Final = re.compile(r'\A\s*HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]\S*))', re.IGNORECASE)
_LONGEST_CODE: Final = 4_000
_MOST_OPEN: Final = 50
_MOST_SHOWN: Final = 200


@dataclass(slots=True)
class Field:
    """One field: its code while that is read, then what it shows."""

    code: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    is_code: bool = True
    target: str = ""
    box: bool | None = None
    entries: list[str] = field(default_factory=list)
    chosen: int | None = None
    has_result: bool = False

    @property
    def is_page_number(self) -> bool:
        """Whether it shows the number of a page, or of pages."""
        return is_page_number("".join(self.code))


@dataclass(slots=True)
class Fields:
    """The fields that are open, from the outermost in."""

    open: list[Field] = field(default_factory=list)

    @property
    def in_code(self) -> bool:
        """Whether what comes is a part of what a field was told."""
        return any(one.is_code for one in self.open)

    def mark(self, kind: str) -> Field | None:
        """Take the beginning of a field, the end of its code, or its end; return the field that has ended."""
        if kind == "begin":
            # Fields in fields in fields: Word stops long before.
            del self.open[_MOST_OPEN:]
            self.open.append(Field())
        elif kind == "separate" and self.open:
            self._end_code(self.open[-1])
        elif kind == "end" and self.open:
            return self.open.pop()
        return None

    def add_code(self, text: str) -> None:
        """Take a part of what the innermost field was told."""
        if self.open and self.open[-1].is_code and sum(map(len, self.open[-1].code)) < _LONGEST_CODE:
            self.open[-1].code.append(text)

    def add_shown(self, text: str) -> None:
        """Take text that the open fields show."""
        for one in self.open:
            one.has_result = one.has_result or not one.is_code
            if one.target and len(one.shown) < _MOST_SHOWN:
                one.shown.append(text)

    def set_up(self, tag: str, attributes: Attributes) -> None:
        """Take what an element of a form's field says of the innermost one."""
        if not self.open:
            return
        field_ = self.open[-1]
        value = attributes.get("val", "")
        if tag == "w:checkBox":
            field_.box = bool(field_.box)
        elif tag == "w:checked" or (tag == "w:default" and field_.box is not None):
            field_.box = is_on(attributes)
        elif tag == "w:listEntry":
            field_.entries.append(value)
        elif tag in {"w:result", "w:default"} and field_.chosen is None and value.isascii() and value.isdecimal():
            field_.chosen = int(value[:4])

    def end_paragraph(self) -> None:
        """Let no field that is told over several paragraphs, or whose end is missing, hide more than one."""
        for one in self.open:
            self._end_code(one)

    def _end_code(self, field_: Field) -> None:
        field_.is_code = False
        field_.target = target_of("".join(field_.code))


def form_value(field_: Field) -> str:
    """Return what a field of a form shows by itself: a box that is checked or not, the chosen one of a list."""
    if field_.box is not None:
        return CHECKED if field_.box else UNCHECKED
    chosen = field_.chosen or 0
    return "" if field_.has_result or chosen >= len(field_.entries) else field_.entries[chosen]


def target_shown(field_: Field) -> str:
    """Return what is to be added behind a link that is a field."""
    target = target_beside("".join(field_.shown), field_.target) if field_.target else ""
    return f" ({target})" if target else ""


def target_of(code: str) -> str:
    """Return where the code of a field links to, "" if it does not."""
    match = _TARGET.match(code[:_LONGEST_CODE])
    return (match[1] or match[2] or "") if match else ""


def is_page_number(code: str) -> bool:
    """Whether the field of this code shows the number of a page, or of pages."""
    words = code.split(maxsplit=1)
    return bool(words) and words[0].upper() in _PAGE_NUMBERS
