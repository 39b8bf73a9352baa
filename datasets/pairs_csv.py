"""Reads and writes questions with their answers as CSV, as spreadsheets do."""

from __future__ import annotations

import csv
import io

from chatcms.core import csvout
from datasets.exceptions import UnreadableCSVError
from datasets.ingestion.base import ReadError
from datasets.ingestion.readers.decoding import decode
from datasets.models import Dataset, QAPair

HEADINGS = ("question", "answer")
MAX_BYTES = 10 * 1024 * 1024
_DELIMITERS = ",;\t"


def read_pairs(data: bytes) -> list[tuple[str, str]]:
    """Return the pairs in a file: two columns, or those called question and answer if it has headings.

    Commas, semicolons and tabs are understood; empty rows are left out. Raises `UnreadableCSVError`.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableCSVError("This file is larger than 10 MB. Split it up.")
    try:
        text = decode(data)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except (ReadError, csv.Error) as error:
        raise UnreadableCSVError(f"This file cannot be read as CSV: {error}.") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise UnreadableCSVError("There is nothing in this file. Write a question and an answer into each row.")
    places = _places(rows[0])
    rows = rows[1:] if places is not None else rows
    question, answer = places or (0, 1)
    if short := next((number for number, row in enumerate(rows, 1) if len(row) <= max(question, answer)), None):
        raise UnreadableCSVError(
            f"Row {short} has one column only. Write the question and the answer into two columns."
        )
    return [(_plain(row[question]), _plain(row[answer])) for row in rows]


def exported(dataset: Dataset) -> bytes:
    """Return all pairs of a dataset as CSV with headings, the oldest first: 5,000 at the most."""
    pairs = QAPair.objects.filter(document__dataset=dataset).order_by("id").values_list("question", "answer")
    return csvout.encoded([HEADINGS, *pairs])


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def _places(row: list[str]) -> tuple[int, int] | None:
    names = [cell.strip().casefold() for cell in row]
    return (names.index(HEADINGS[0]), names.index(HEADINGS[1])) if set(HEADINGS) <= set(names) else None


def _plain(cell: str) -> str:
    """Return what was written, without the mark that `csvout` puts before a formula."""
    return cell[1:] if cell.startswith("'") and csvout.is_formula(cell[1:]) else cell
