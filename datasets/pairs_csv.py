"""Reads and writes questions with their answers as CSV, as spreadsheets do."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice

from chatcms.core.errortext import ErrorText
from chatcms.core.text import csvout
from datasets.blocks import ReadError
from datasets.exceptions import UnreadableCSVError
from datasets.ingestion.readers.decoding import decode
from datasets.models import Dataset, QAPair

HEADINGS = ("question", "answer")
MAX_BYTES = 10 * 1024 * 1024
_DELIMITERS = ",;\t"
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=([^\r\n\"])\"?[,;\t]*(?:\n|\Z)", re.IGNORECASE)
_LOOKED_AT = 100


def read_pairs(data: bytes) -> list[tuple[str, str]]:
    """Return the pairs in a file: two columns, or those called question and answer if it has headings.

    Commas, semicolons and tabs are understood, and whatever a first line `sep=…` names; so are the encodings that
    spreadsheets write (with or without a byte order mark, UTF-16 too). Empty rows are left out. Raises
    `UnreadableCSVError`.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableCSVError("This file is larger than 10 MB. Split it up.")
    try:
        rows = _rows(decode(data))
    except (ReadError, csv.Error) as error:
        raise UnreadableCSVError(ErrorText("This file cannot be read as CSV: %(error)s.", error=error)) from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise UnreadableCSVError("There is nothing in this file. Write a question and an answer into each row.")
    places = _places(rows[0])
    rows = rows[1:] if places is not None else rows
    question, answer = places or (0, 1)
    if short := next((number for number, row in enumerate(rows, 1) if len(row) <= max(question, answer)), None):
        raise UnreadableCSVError(
            ErrorText("Row %(row)s has one column only. Write the question and the answer into two columns.", row=short)
        )
    return [(_plain(row[question]), _plain(row[answer])) for row in rows]


def exported(dataset: Dataset) -> bytes:
    """Return all pairs of a dataset as CSV with headings, the oldest first: 5,000 at the most."""
    pairs = QAPair.objects.filter(document__dataset=dataset).order_by("id").values_list("question", "answer")
    return csvout.document([HEADINGS, *pairs])


def _rows(text: str) -> list[list[str]]:
    """Return the rows, without the line by which Excel is told what stands between the columns."""
    said = _SEPARATOR_LINE.match(text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _delimiter(text: str) -> str:
    """Return what parts the first rows into the most even columns, and our headings before all."""
    return max(_DELIMITERS, key=lambda mark: _evenness(text, mark))


def _evenness(text: str, mark: str) -> tuple[bool, float, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        rows = [row for row in islice(reader, _LOOKED_AT) if any(cell.strip() for cell in row)]
    except csv.Error:
        return False, 0.0, 0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return bool(rows) and _places(rows[0]) is not None, count / max(len(rows), 1), -width


def _places(row: list[str]) -> tuple[int, int] | None:
    names = [cell.strip().casefold() for cell in row]
    return (names.index(HEADINGS[0]), names.index(HEADINGS[1])) if set(HEADINGS) <= set(names) else None


def _plain(cell: str) -> str:
    """Return what was written, without the marks that `csvout` puts before formulas."""
    return csvout.unmarked(cell)
