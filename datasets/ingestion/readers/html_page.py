"""Writes what a page shows line by line: headings, lists, tables, links, and what is set above or below the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from datasets.blocks import LONGEST_HEADING, SectionWriter
from datasets.ingestion.readers import html_controls as controls
from datasets.ingestion.readers.html_hidden import Hidden
from datasets.ingestion.readers.html_links import Links
from datasets.ingestion.readers.html_tables import Row, Table, cell_of, layout_tables
from datasets.ingestion.readers.mathml import formula
from datasets.ingestion.readers.typography import subscript, superscript

_BREAKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "legend", "li", "main", "menu", "ol", "optgroup", "p", "pre", "search", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_PARAGRAPHS: Final = frozenset({"p", "pre", "ul", "ol", "table", "blockquote", "dl", "details", "menu"})
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
# Each has a frame of its own on the page.
_BOXES: Final = frozenset({"button", "label", "textarea", "output", "meter", "progress"})
# A heading that holds these was never closed.
_TOO_MUCH: Final = frozenset({"table", "ul", "ol", "dl", "pre"})
_LISTS: Final = frozenset({"ul", "ol", "menu"})
_BLOCK_STYLE = re.compile(r"display\s{0,3}:\s{0,3}(?:block|flex|grid|table|list-item)", re.IGNORECASE)
_RAISED_STYLE = re.compile(r"vertical-align\s{0,3}:\s{0,3}(super|sub)(?![\w-])", re.IGNORECASE)
_SCRIPTS: Final = {"sup": superscript, "super": superscript, "sub": subscript}
_SPACES = re.compile(r"\s+")
_ENDINGS: Final = ("?", "？", "؟", ";", ":", "：", ".", "!")
_LONGEST_TERM: Final = 120
# Stands where two words or numbers may meet that are not one.
_JOINT: Final = "\x1f"
_TOUCHING = re.compile(rf"(?<=\w){_JOINT}(?=\w)")
_MOST_LOOKED_AT: Final = 300
# What is nested more deeply than any page of a person is read as if it were not.
_DEEPEST: Final = 20


@dataclass(slots=True)
class _Frame:
    """An element whose text is written differently from what it holds; `kind` says how."""

    node: LexborNode
    kind: str
    parts: list[str] = field(default_factory=list)
    had_text: bool = False


class Page:
    """Follows a page's elements and writes its lines to a section writer."""

    def __init__(self, root: LexborNode, writer: SectionWriter, hidden: Hidden, links: Links) -> None:
        self._root, self._writer, self._hidden, self._links = root, writer, hidden, links
        self._layout = layout_tables(root) if root.css_first("table") else set()
        self._line: list[str] = []
        self._frames: list[_Frame] = []
        self._tables: list[Table] = []
        self._lists: list[int | None] = []
        self._heading: tuple[LexborNode, int] | None = None
        self._titles: list[str] = []
        self._before = ""
        self._in_term = self._is_gap = False
        self._preformatted = 0

    def write(self) -> None:
        """Write all of the page."""
        for event, node in self._walk():
            if event == "text":
                self._text(node.text_content or "")
            elif event == "start":
                self._start(node)
            else:
                self._end(node)
        self._end_line()
        self._end_heading()

    def _walk(self) -> Iterator[tuple[str, LexborNode]]:
        """Yield start, text and end events in document order, without recursion: pages nest as deep as they like."""
        stack: list[tuple[str, LexborNode]] = [("start", self._root)]
        while stack:
            event, node = stack.pop()
            if event == "start" and node.tag == "-text":
                yield "text", node
                continue
            if event == "start":
                if self._leaves_out(node):
                    continue
                yield event, node
                stack.append(("end", node))
                stack.extend(("start", child) for child in reversed(list(node.iter(include_text=True))))
            else:
                yield event, node

    def _leaves_out(self, node: LexborNode) -> bool:
        """Whether the element is not walked into: nobody sees it, or it is written as a whole."""
        tag = node.tag or ""
        if tag.startswith("-") or tag in {"rp", "annotation"} or self._hidden.hides(node):
            return True
        if tag == "math":
            self._add(f"{_JOINT}{formula(node)}{_JOINT}")
            return True
        if tag in controls.WRITTEN:
            self._add(controls.written(node))
            return True
        return tag == "button" and not controls.is_content(node)

    def _text(self, text: str) -> None:
        self._add(text if self._preformatted else _SPACES.sub(" ", text))

    def _add(self, text: str) -> None:
        (self._frames[-1].parts if self._frames else self._line).append(text)

    def _start(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if self._breaks(node, tag):
            self._start_block(node, tag)
        elif len(self._frames) < _DEEPEST and (kind := self._kind_of(node, tag)):
            self._frames.append(_Frame(node, kind))
        elif "-" in tag or tag in _BOXES:
            self._add(" ")

    def _end(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if self._frames and self._frames[-1].node.mem_id == node.mem_id:
            frame = self._frames.pop()
            self._add(self._framed(frame, "".join(frame.parts), is_last=True))
        elif self._breaks(node, tag):
            self._end_block(node, tag)
        elif "-" in tag or tag in _BOXES:
            self._add(" ")

    def _breaks(self, node: LexborNode, tag: str) -> bool:
        if tag in _BREAKS or (tag == "button" and not controls.is_inline(node)):
            return True
        style = node.attributes.get("style")
        return bool(style and _BLOCK_STYLE.search(style))

    def _kind_of(self, node: LexborNode, tag: str) -> str:
        if tag in {"sup", "sub", "a", "rt", "q"}:
            return tag
        style = node.attributes.get("style")
        raised = _RAISED_STYLE.search(style) if style else None
        return raised[1].lower() if raised else ""

    def _framed(self, frame: _Frame, text: str, *, is_last: bool) -> str:
        """Return how the text of an element stands in the line; what a block inside it cuts off is only a part."""
        if frame.kind in _SCRIPTS:
            return _SCRIPTS[frame.kind](text)
        if frame.kind == "rt":
            return f"({text.strip()})" if text.strip() else ""
        if frame.kind == "q":
            return f"“{text}”" if text.strip() else text
        if not is_last:
            frame.had_text = frame.had_text or bool(text.strip())
            return text
        if self._heading and not any(map(str.isalnum, text)):
            # The sign by which the address of a heading can be copied
            return ""
        return self._links.written(frame.node, text, had_text=frame.had_text)

    def _start_block(self, node: LexborNode, tag: str) -> None:
        self._end_line()
        if tag in _TOO_MUCH:
            self._end_heading()
        if tag in _HEADINGS and not self._heading and not self._in_cell:
            self._heading = node, _HEADINGS[tag]
        elif tag in _LISTS:
            self._lists.append(controls.first_number(node) if tag == "ol" else None)
        elif tag == "li":
            self._before = self._mark_of_item(node)
        elif tag == "dt":
            self._in_term = True
        elif tag == "table" and node.mem_id not in self._layout and len(self._tables) < _DEEPEST:
            self._tables.append(Table(node.mem_id))
        elif self._tables:
            self._start_in_table(node, tag)
        self._preformatted += tag in {"pre", "textarea"}

    def _start_in_table(self, node: LexborNode, tag: str) -> None:
        table = self._tables[-1]
        if tag in {"thead", "tbody", "tfoot"}:
            table.in_head = tag == "thead"
        elif tag == "tr":
            table.rows.append(Row(table.in_head))
        elif tag in {"td", "th"} and table.rows and table.cell is None:
            table.cell, table.cell_node = cell_of(node), node.mem_id
            table.rows[-1].cells.append(table.cell)

    def _end_block(self, node: LexborNode, tag: str) -> None:
        self._end_line()
        self._preformatted -= tag in {"pre", "textarea"}
        if self._heading and self._heading[0].mem_id == node.mem_id:
            self._end_heading()
        elif tag in _LISTS and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._before = ""
        elif tag in {"dt", "dd", "dl"}:
            self._end_term(tag)
        elif self._tables and self._tables[-1].node == node.mem_id:
            self._end_table(self._tables.pop())
        elif self._tables and self._tables[-1].cell_node == node.mem_id:
            self._tables[-1].cell, self._tables[-1].cell_node = None, 0
        is_gap = tag in _PARAGRAPHS and not (tag == "p" and (self._lists or self._before))
        if is_gap and not self._tables and not self._heading:
            self._put("")

    def _end_term(self, tag: str) -> None:
        self._in_term = False
        if tag != "dt":
            self._write_before()

    @property
    def _in_cell(self) -> bool:
        return bool(self._tables) and self._tables[-1].cell is not None

    def _mark_of_item(self, node: LexborNode) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        number = controls.number_of(node, number)
        self._lists[-1] = number + 1
        return f"{number}. "

    def _end_table(self, table: Table) -> None:
        if self._in_cell:
            for line, _ in table.lines():
                self._say(line, is_item=True)
        else:
            for line, header in table.lines():
                self._put(line, header)

    def _end_line(self) -> None:
        text = ""
        for frame in reversed(self._frames):
            text = self._framed(frame, "".join([*frame.parts, text]), is_last=False)
            frame.parts.clear()
        line = "".join([*self._line, text])
        self._line.clear()
        line = _TOUCHING.sub(" ", line).replace(_JOINT, "")
        line = line.strip("\n").rstrip() if self._preformatted else _SPACES.sub(" ", line).strip()
        if line.strip():
            self._say(line)

    def _say(self, line: str, *, is_item: bool = False) -> None:
        if self._heading:
            self._titles.append(line)
            if not self._is_short(self._heading[0]):
                # It was never closed, and holds what comes after it.
                self._end_heading()
        elif self._in_cell:
            cell = self._tables[-1].cell
            if cell is not None:
                cell.lines.append((is_item or bool(self._before), line))
            self._before = ""
        elif self._in_term and len(line) <= _LONGEST_TERM:
            self._write_before()
            self._before = f"{line} " if line.endswith(_ENDINGS) else f"{line}: "
        else:
            before, self._before = self._before, ""
            self._put(f"{before}{line}")

    def _write_before(self) -> None:
        """Write a term that nothing follows."""
        before, self._before = self._before.rstrip().removesuffix(":"), ""
        if before and before != "-":
            self._put(before)

    def _put(self, line: str, header: str = "") -> None:
        """Write a line, and no more than one empty one in a row."""
        if line or not self._is_gap:
            self._writer.line(line, header=header)
        self._is_gap = not line

    def _is_short(self, heading: LexborNode) -> bool:
        """Whether all of the heading's text is no longer than headings are."""
        length = 0
        for count, node in enumerate(heading.traverse(include_text=True)):
            if node.tag == "-text":
                length += len((node.text_content or "").strip())
            if length > LONGEST_HEADING or count > _MOST_LOOKED_AT:
                return False
        return True

    def _end_heading(self) -> None:
        if self._heading and self._titles:
            title = " ".join(self._titles)
            self._writer.heading(self._heading[1], title, shown=title)
            self._is_gap = False
        self._heading, self._titles = None, []
