"""Follows the elements of one story of a document, its body, a header or its notes, and writes its lines.

Each element that matters has a frame while it is open; the text of a frame goes into the one around it when it ends.
All others let what is inside them through, so that nothing is lost in what a newer Word wraps around it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasets.ingestion.readers.docx.frames import Found, Frame, Paragraph, Section, Surroundings
from datasets.ingestion.readers.docx.lines import Line, Lines, Sink, all_added
from datasets.ingestion.readers.docx.numbering import BULLET
from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.runs import FRAMED, Runs
from datasets.ingestion.readers.docx.styles import BODY_TEXT, is_on, outline_level
from datasets.ingestion.readers.docx.tables import Tables

# What is not the document's text: text that was deleted or moved away, and what is set rather than written.
_SKIPPED: Final = frozenset({
    "w:del", "w:moveFrom", "w:delText", "w:delInstrText", "w:sdtPr", "w:sdtEndPr", "w:tabs", "w:tblGrid", "w:fldData",
    "w:pPrChange", "w:rPrChange", "w:sectPrChange", "w:tblPrChange", "w:trPrChange", "w:tcPrChange",
    "w:numberingChange", "w:smartTagPr", "w:customXmlPr", "m:ctrlPr", "w:docPartPr", "w:binData",
})  # fmt: skip
_MAYBE_SKIPPED: Final = _SKIPPED | {"mc:Choice", "mc:Fallback"}
_PARAGRAPH_SETTINGS: Final = ("w:pStyle", "w:outlineLvl", "w:numId", "w:ilvl", "w:framePr")
# What shows a part of its own, by the attribute that leads to it.
_SHOWN_PARTS: Final = {"c:chart": "r:id", "dgm:relIds": "r:dm"}
_TABLE_SETTINGS: Final = ("w:tblLook", "w:tblHeader", "w:gridBefore", "w:gridSpan", "w:vMerge", "w:hMerge", "w:cellDel")
_SECTION_SETTINGS: Final = ("w:headerReference", "w:footerReference", "w:titlePg")
# Paragraphs become one when their ends are deleted, but not a whole book.
_MOST_CARRIED: Final = 10_000
_NOTES: Final = ("w:footnote", "w:endnote", "w:comment")
# Footnotes of these types are lines between notes and text.
_NO_NOTES: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_BLOCKS: Final = frozenset({"w:p", "w:pPr", "w:trPr", "w:txbxContent", "mc:AlternateContent", "a:p", *_NOTES})


class Story:
    """Takes the elements of one part and adds its lines to `sink`; `found` has what else there is."""

    def __init__(self, sink: Sink, surroundings: Surroundings) -> None:
        self.found = Found()
        self._surroundings = surroundings
        self._sinks: list[Sink] = [sink]
        self._carried: dict[int, str] = {}
        self._tables = Tables()
        self._notes_of_table: list[str] = []
        self._skipping = 0
        self._runs = Runs(surroundings, self.found, self._tables)
        self._frames = self._runs.frames
        self._framed = _BLOCKS | FRAMED
        self._starts = self._starts_of_blocks() | self._runs.starts()
        self._ends = self._ends_of_blocks() | self._runs.ends()

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        if self._skipping:
            self._skipping += 1
            return
        if tag in _MAYBE_SKIPPED and (tag in _SKIPPED or self._was_read()):
            self._note_deletion(tag)
            self._skipping = 1
            return
        if tag in self._framed:
            self._frames.append(Frame(tag, attributes, self._runs.read))
        if (act := self._starts.get(tag)) is not None:
            act(tag, attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._skipping:
            self._skipping -= 1
            return
        frame = self._frames.pop() if tag in self._framed else self._frames[-1]
        if (act := self._ends.get(tag)) is not None:
            act(frame)

    def data(self, text: str) -> None:
        """Take text; only that of elements of text counts."""
        if not self._skipping:
            self._runs.data(text)

    def finish(self) -> None:
        """Write what is left when the part ends."""
        self._add_carried()

    def _was_read(self) -> bool:
        """Whether this is another way of showing what has been read; the first that shows anything counts."""
        around = self._frames[-1]
        return around.tag == "mc:AlternateContent" and self._runs.read > around.read_before

    def _note_deletion(self, tag: str) -> None:
        """A deletion that holds no text is that of a paragraph's end, or of a row."""
        if tag not in {"w:del", "w:moveFrom"}:
            return
        if self._frames[-1].tag == "w:pPr":
            self._paragraph.mark_is_deleted = True
        elif self._frames[-1].tag == "w:trPr":
            self._tables.delete_row()

    def _starts_of_blocks(self) -> dict[str, Callable[[str, Attributes], None]]:
        return {
            "w:p": self._begin_paragraph,
            "w:txbxContent": self._begin_apart,
            "w:tbl": lambda _tag, _attributes: self._tables.begin(self._sinks[-1]),
            "w:tr": lambda _tag, _attributes: self._tables.begin_row(),
            "w:tc": lambda _tag, _attributes: self._sinks.append(self._tables.begin_cell()),
            "w:altChunk": self._insert,
            "w:sectPr": lambda _tag, _attributes: self.found.sections.append(Section()),
            **dict.fromkeys(_SECTION_SETTINGS, self._set_up_section),
            **dict.fromkeys(_SHOWN_PARTS, self._show),
            "v:textpath": self._add_word_art,
            **dict.fromkeys(_PARAGRAPH_SETTINGS, self._set_up_paragraph),
            **dict.fromkeys(_TABLE_SETTINGS, self._tables.set_up),
            **dict.fromkeys(_NOTES, self._begin_apart),
        }

    def _ends_of_blocks(self) -> dict[str, Callable[[Frame], None]]:
        return {
            "w:pPr": self._end_settings,
            "w:p": self._end_paragraph,
            "w:txbxContent": self._end_box,
            "a:p": lambda frame: self._add_box([Line(frame.text().strip())]),
            "w:tc": self._end_cell,
            "w:tr": lambda _frame: self._tables.end_row(),
            "w:tbl": self._end_table,
            "mc:AlternateContent": lambda frame: self._runs.add(frame.text()),
            **dict.fromkeys(_NOTES, self._end_note),
        }

    @property
    def _paragraph(self) -> Paragraph:
        # Settings of a paragraph outside one are nobody's.
        return self._runs.paragraphs[-1] if self._runs.paragraphs else Paragraph()

    # ---- paragraphs

    def _begin_paragraph(self, _tag: str, _attributes: Attributes) -> None:
        self._runs.paragraphs.append(Paragraph())

    def _set_up_paragraph(self, tag: str, attributes: Attributes) -> None:
        if self._frames[-1].tag != "w:pPr":
            return
        value = attributes.get("val", "")
        if tag == "w:pStyle":
            self._paragraph.style = value
        elif tag == "w:outlineLvl":
            self._paragraph.outline = outline_level(value)
        elif tag == "w:numId":
            self._paragraph.number = value
        elif tag == "w:framePr":
            self._paragraph.is_drop_cap = attributes.get("dropCap", "none") != "none"
        elif value.isascii() and value.isdecimal():
            self._paragraph.number_level = int(value[:2])

    def _end_settings(self, frame: Frame) -> None:
        self._paragraph.mark_is_hidden = bool(frame.format.hidden)

    def _end_paragraph(self, frame: Frame) -> None:
        paragraph = self._runs.paragraphs.pop()
        if not self._runs.paragraphs:
            self._runs.fields.end_paragraph()
        text = self._carried.pop(len(self._sinks), "") + frame.text().strip()
        if paragraph.mark_is_deleted and len(text) < _MOST_CARRIED:
            # What follows goes on in this paragraph.
            self._carried[len(self._sinks)] = f"{text} " if text else ""
        elif paragraph.is_drop_cap:
            self._carried[len(self._sinks)] = text
        else:
            all_added(self._lines(paragraph, text.strip()), self._sinks[-1])
        all_added(paragraph.boxes, self._sinks[-1])
        self._add_notes(paragraph.notes)

    def _lines(self, paragraph: Paragraph, text: str) -> list[Line]:
        """Return the paragraph as a line, if there is anything in it; its number counts anyway."""
        if not text and paragraph.mark_is_hidden:
            return []
        label = self._label(paragraph)
        if not text:
            return []
        level = paragraph.outline
        level = self._surroundings.styles.level(paragraph.style) if level is None else level
        level = None if level == BODY_TEXT else level
        if label == BULLET and level is not None:
            label = ""
        return [Line(f"{label} {text}" if label else text, level)]

    def _label(self, paragraph: Paragraph) -> str:
        styles, number, level = self._surroundings.styles, paragraph.number, paragraph.number_level
        of_style, level_of_style = styles.number(paragraph.style or styles.default_paragraph)
        if number is None:
            number, level = of_style, level_of_style if level is None else level
        return self._surroundings.numbering.label(number, level, styles=styles, style=paragraph.style)

    def _add_carried(self) -> None:
        if text := self._carried.pop(len(self._sinks), "").strip():
            self._sinks[-1].add(Line(text))

    # ---- notes, boxes and texts put in

    def _add_notes(self, notes: list[str]) -> None:
        """Write the notes below their paragraph, those of a table below it."""
        if self._tables.are_open:
            self._notes_of_table += notes
        else:
            all_added(map(Line, notes), self._sinks[-1])

    def _begin_apart(self, _tag: str, _attributes: Attributes) -> None:
        self._sinks.append(Lines())

    def _end_note(self, frame: Frame) -> None:
        self._add_carried()
        lines = self._sinks.pop()
        if isinstance(lines, Lines) and frame.attributes.get("type", "") not in _NO_NOTES:
            author, text = frame.attributes.get("author", "").strip(), lines.joined()
            self.found.notes[frame.attributes.get("id", "")] = f"{author}: {text}" if author and text else text

    def _end_box(self, _frame: Frame) -> None:
        self._add_carried()
        lines = self._sinks.pop()
        if isinstance(lines, Lines):
            self._add_box(lines.lines)

    def _add_box(self, lines: list[Line]) -> None:
        """Let a box follow the paragraph that it hangs on."""
        lines = [line for line in lines if line.text]
        if self._runs.is_hidden or not lines:
            return
        self._runs.read += 1
        if self._runs.paragraphs:
            self._paragraph.boxes += lines
        else:
            all_added(lines, self._sinks[-1])

    def _insert(self, _tag: str, attributes: Attributes) -> None:
        all_added(self._surroundings.inserted(attributes.get("r:id", "")), self._sinks[-1])

    def _show(self, tag: str, attributes: Attributes) -> None:
        self._add_box(self._surroundings.inserted(attributes.get(_SHOWN_PARTS[tag], "")))

    def _add_word_art(self, _tag: str, attributes: Attributes) -> None:
        # That of a header is a watermark.
        if not self._surroundings.is_margin:
            self._add_box([Line(attributes.get("string", "").strip())])

    def _set_up_section(self, tag: str, attributes: Attributes) -> None:
        if not self.found.sections:
            return
        section = self.found.sections[-1]
        if tag == "w:titlePg":
            section.first_page_differs = is_on(attributes)
        else:
            section.references.append((tag, attributes.get("type", "default"), attributes.get("r:id", "")))

    # ---- tables

    def _end_cell(self, _frame: Frame) -> None:
        self._add_carried()
        self._sinks.pop()
        self._tables.end_cell(self._sinks[-1])

    def _end_table(self, _frame: Frame) -> None:
        self._tables.end()
        if not self._tables.are_open:
            all_added(map(Line, self._notes_of_table), self._sinks[-1])
            self._notes_of_table = []
            self._sinks[-1].add(Line(""))
