"""Word files for tests, a paragraph, run or cell at a time, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from datasets.blocks import Block, Reading
from datasets.ingestion.readers.docx import read
from datasets.tests import files
from datasets.tests.files import paragraph


class Reader:
    """Reads a Word file of the body and the parts given."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "a.docx"

    def of(self, content: bytes) -> Reading:
        self._file.write_bytes(content)
        return read(self._file, lambda _done, _total: None)

    def lines(self, body: str, parts: Mapping[str, str | bytes] | None = None) -> list[str]:
        blocks = self.of(files.docx(body, parts=parts)).blocks
        return [line for block in blocks for line in block.text.split("\n") if line]

    def blocks(self, body: str, parts: Mapping[str, str | bytes] | None = None) -> tuple[Block, ...]:
        return self.of(files.docx(body, parts=parts)).blocks


def p(*runs: str, properties: str = "") -> str:
    """A paragraph of runs as XML; a text without tags is a run of its own."""
    inside = "".join(run if run.startswith("<") else r(run) for run in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    inside = "".join(one if one.startswith("<") else cell(one) for one in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def math(inside: str) -> str:
    return f"<m:oMath>{inside}</m:oMath>"


def mr(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"
