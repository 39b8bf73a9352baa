"""Writes tables a row at a time: each cell of a merged one has its value, and rows know their header row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from datasets.ingestion.readers.docx.lines import Line, Lines, Sink, all_added
from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.styles import is_on

BETWEEN_CELLS: Final = " | "
_LONGEST_HEADING_OF_COLUMN: Final = 80
# What a merged cell shows once is repeated for its other columns and rows only while it is short.
_LONGEST_REPEATED: Final = 200
_LONGEST_VALUE: Final = 1_000
_LOOK_OF_FIRST_ROW: Final = 0x20
# A grid is no wider in Word than 63 columns.
_MOST_SPAN: Final = 100


@dataclass(slots=True)
class Cell:
    """A cell while it is read: how many columns it spans, and whether it goes on from the one above or before it."""

    content: Lines = field(default_factory=Lines)
    span: int = 1
    from_above: bool = False
    from_before: bool = False
    is_deleted: bool = False
    letters: int = 0
    bold_letters: int = 0

    @property
    def is_bold(self) -> bool:
        """Whether all that is in it is bold."""
        return 0 < self.letters == self.bold_letters


@dataclass(slots=True)
class Row:
    """A row while it is read; columns before its first cell are empty."""

    cells: list[Cell] = field(default_factory=list)
    skipped: int = 0
    is_header: bool = False
    is_deleted: bool = False


@dataclass(slots=True)
class Table:
    """A table while it is read: what the rows above say that this one repeats.

    What tables only lay out on the page stands as it is: the only cell of a row, and cells with parts of a text.
    """

    sink: Sink
    first_is_header: bool = True
    _above: list[str] = field(default_factory=list)
    _headers: list[str] = field(default_factory=list)
    _rows: int = 0

    def add(self, row: Row) -> None:
        """Write a row."""
        cells = [cell for cell in row.cells if not cell.is_deleted]
        if row.is_deleted or not cells:
            return
        columns = self._columns(row, cells)
        if len(columns) == cells[0].span or any(_is_page_part(cell) for cell in cells):
            for cell in cells:
                all_added(cell.content.lines, self.sink)
        elif any(columns):
            self._add_columns(columns, is_header=self._is_header(row, cells))

    def _add_columns(self, columns: list[str], *, is_header: bool) -> None:
        text = BETWEEN_CELLS.join(columns).strip()
        self.sink.add(Line(text, header="" if is_header else "\n".join(self._headers)))
        if is_header:
            self._headers.append(text)
        self._rows += 1

    def _columns(self, row: Row, cells: list[Cell]) -> list[str]:
        """Return the value of each column, and keep them for the row below."""
        columns = [""] * row.skipped
        for cell in cells:
            value = cell.content.joined()
            if not value and cell.from_above and len(columns) < len(self._above):
                value = _repeated(self._above[len(columns)])
            elif not value and cell.from_before and columns:
                value = _repeated(columns[-1])
            columns += [value, *[_repeated(value)] * (cell.span - 1)]
        self._above = columns
        return columns

    def _is_header(self, row: Row, cells: list[Cell]) -> bool:
        if self._rows == len(self._headers) and row.is_header:
            return True
        if self._rows or not self.first_is_header or row.skipped:
            return False
        texts = [cell.content.joined() for cell in cells if not cell.from_before]
        if max(map(len, texts)) > _LONGEST_HEADING_OF_COLUMN:
            return False
        # The column with the names of the rows often has none.
        are_words = all(texts[1:]) and not any(map(str.isdecimal, "".join(texts)))
        return are_words or all(cell.is_bold for cell in cells if cell.content.lines)


def span(value: str) -> int:
    """Return how many columns or rows a number of them means, 1 for none."""
    is_number = value.isascii() and value.isdecimal() and len(value) < 4
    return min(max(int(value), 1), _MOST_SPAN) if is_number else 1


def _repeated(value: str) -> str:
    return value if len(value) <= _LONGEST_REPEATED else ""


def _is_page_part(cell: Cell) -> bool:
    lines = cell.content.lines
    has_section = len(lines) > 1 and any(line.level is not None for line in lines)
    return has_section or sum(len(line.text) for line in lines) > _LONGEST_VALUE


@dataclass(slots=True)
class Tables:
    """The tables that are open, from the outermost in; a cell inside none of them is text like any other."""

    _tables: list[Table] = field(default_factory=list)
    _rows: list[Row | None] = field(default_factory=list)
    _cells: list[Cell] = field(default_factory=list)

    @property
    def are_open(self) -> bool:
        """Whether there is one."""
        return bool(self._tables)

    @property
    def cell(self) -> Cell | None:
        """Return the innermost open cell."""
        return self._cells[-1] if self._cells else None

    def begin(self, sink: Sink) -> None:
        """Begin a table whose rows go to `sink`."""
        self._tables.append(Table(sink))
        self._rows.append(None)

    def end(self) -> None:
        """End the innermost table."""
        self._tables.pop()
        self._rows.pop()

    def begin_row(self) -> None:
        """Begin a row of the innermost table."""
        if self._rows:
            self._rows[-1] = Row()

    def end_row(self) -> None:
        """Write the row."""
        if self._rows and self._rows[-1] is not None:
            self._tables[-1].add(self._rows[-1])
            self._rows[-1] = None

    def begin_cell(self) -> Lines:
        """Begin a cell and return what takes its lines."""
        self._cells.append(Cell())
        return self._cells[-1].content

    def end_cell(self, sink: Sink) -> None:
        """Put the cell into its row; one that is in none goes to `sink`."""
        cell = self._cells.pop()
        if self._rows and self._rows[-1] is not None:
            self._rows[-1].cells.append(cell)
        else:
            all_added(cell.content.lines, sink)

    def delete_row(self) -> None:
        """Leave the row out."""
        if self._rows and self._rows[-1] is not None:
            self._rows[-1].is_deleted = True

    def set_up(self, tag: str, attributes: Attributes) -> None:
        """Take what an element says of the innermost table, row or cell."""
        value = attributes.get("val", "")
        row = self._rows[-1] if self._rows else None
        if tag == "w:tblLook" and self._tables:
            self._tables[-1].first_is_header = _first_row_is_header(attributes)
        elif tag == "w:tblHeader" and row is not None:
            row.is_header = is_on(attributes)
        elif tag == "w:gridBefore" and row is not None:
            row.skipped = span(value)
        elif self._cells:
            _set_up_cell(self._cells[-1], tag, value)


def _first_row_is_header(look: Attributes) -> bool:
    if "firstRow" in look:
        return is_on({"val": look["firstRow"]})
    try:
        return bool(int(look.get("val", "0020"), 16) & _LOOK_OF_FIRST_ROW)
    except ValueError:
        return True


def _set_up_cell(cell: Cell, tag: str, value: str) -> None:
    if tag == "w:gridSpan":
        cell.span = span(value)
    elif tag == "w:vMerge":
        cell.from_above = value != "restart"
    elif tag == "w:hMerge":
        cell.from_before = value != "restart"
    elif tag == "w:cellDel":
        cell.is_deleted = True
