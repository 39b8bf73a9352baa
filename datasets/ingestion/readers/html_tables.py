"""Writes the tables of a page: a line for each row, merged cells repeated, with the header row they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

_MOST_COLUMNS: Final = 200
# A cell that spans much is repeated, and what is repeated without end is no table.
_LONGEST_REPEATED, _MOST_REPEATED = 300, 50_000
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Cell:
    """One cell: its lines, of which those of lists are marked, and how many columns and rows it takes."""

    columns: int = 1
    rows: int = 1
    is_header: bool = False
    lines: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The cell on one line."""
        parts: list[str] = []
        for is_item, line in self.lines:
            parts.append(("; " if is_item else " ") if parts else "")
            parts.append(line)
        return "".join(parts).replace("\n", " ")


@dataclass(slots=True)
class Row:
    """The cells of a row, and whether they are in the table's head."""

    is_head: bool = False
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A table as it is read."""

    node: int
    rows: list[Row] = field(default_factory=list)
    in_head: bool = False
    cell: Cell | None = None
    cell_node: int = 0

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield each row as a line with the header row that it stands under, "" above the first row of the body."""
        grid = _grid(self.rows)
        heads = _count_of_heads(self.rows, grid)
        header = "\n".join(_joined(cells) for cells in grid[:heads] if len(cells) > 1)
        for number, cells in enumerate(grid):
            if line := _joined(cells):
                yield line, header if number >= heads else ""


def cell_of(node: LexborNode) -> Cell:
    """Return the empty cell that a `td` or `th` begins."""
    attributes = node.attributes
    columns, rows = _number(attributes.get("colspan")), _number(attributes.get("rowspan"))
    return Cell(columns or 1, rows if rows != 0 else _MOST_REPEATED, node.tag == "th")


def layout_tables(root: LexborNode) -> set[int]:
    """Return the ids of tables that only arrange a page: with parts and tables of their own inside, or one column."""
    found: set[int] = set()
    open_tables: list[_Looks] = []
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, is_end = stack.pop()
        if is_end:
            looks = open_tables.pop()
            if looks.is_layout:
                found.add(node.mem_id)
            continue
        tag = node.tag or ""
        if tag == "table":
            if open_tables:
                open_tables[-1].has_parts = True
            open_tables.append(_Looks(says_so=node.attributes.get("role") in {"presentation", "none"}))
            stack.append((node, True))
        elif open_tables:
            open_tables[-1].see(tag)
        stack.extend((child, False) for child in node.iter())
    return found


@dataclass(slots=True)
class _Looks:
    says_so: bool = False
    has_header: bool = False
    has_parts: bool = False
    cells: int = 0
    rows: int = 0

    def see(self, tag: str) -> None:
        self.has_header = self.has_header or tag == "th"
        self.has_parts = self.has_parts or tag in _HEADINGS
        self.cells += tag in {"td", "th"}
        self.rows += tag == "tr"

    @property
    def is_layout(self) -> bool:
        return self.says_so or (not self.has_header and (self.has_parts or self.cells <= self.rows))


def _number(value: str | None) -> int:
    return min(int(value), _MOST_REPEATED) if value and value.isascii() and value.isdigit() and len(value) < 7 else 1


def _grid(rows: Sequence[Row]) -> list[list[str]]:
    """Return the texts of the cells by row and column: what takes several is in each of them."""
    grid: list[list[str]] = []
    # By column, what hangs down from rows above, and for how many more rows.
    hanging: dict[int, tuple[str, int]] = {}
    repeated = 0
    for row in rows:
        line: list[str] = []
        for cell in row.cells:
            _take_down(hanging, line)
            text = cell.text
            copied = text if len(text) <= _LONGEST_REPEATED and repeated < _MOST_REPEATED else ""
            for column in range(max(min(cell.columns, _MOST_COLUMNS - len(line)), 1)):
                if cell.rows > 1:
                    hanging[len(line)] = (copied, cell.rows - 1)
                line.append(copied if column else text)
                repeated += column > 0
        _take_down(hanging, line)
        repeated += len(hanging)
        if repeated >= _MOST_REPEATED:
            hanging.clear()
        grid.append(line if len(row.cells) > 1 or len(set(line)) > 1 else line[:1])
    return grid


def _take_down(hanging: dict[int, tuple[str, int]], line: list[str]) -> None:
    while len(line) in hanging:
        text, left = hanging.pop(len(line))
        if left > 1:
            hanging[len(line)] = (text, left - 1)
        line.append(text)


def _count_of_heads(rows: Sequence[Row], grid: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows name the columns."""
    heads = 0
    for row in rows:
        if not row.is_head and not (row.cells and all(cell.is_header for cell in row.cells)):
            break
        heads += 1
        if heads == len(grid):
            return 0
    if heads or len(grid) < 3 or any(cell.is_header for row in rows for cell in row.cells):
        return heads
    first = grid[0]
    names = len(first) > 1 and all(first) and not any(map(_DIGIT.search, first))
    return int(names and len(set(first)) == len(first))


def _joined(cells: Sequence[str]) -> str:
    return " | ".join(cells).strip().removesuffix("|").rstrip() if any(cells) else ""
