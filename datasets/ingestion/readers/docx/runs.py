"""Reads what stands inside a paragraph: runs and their letters, symbols, fields, links, formulas, marks of notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasets.ingestion.readers.docx import formulas
from datasets.ingestion.readers.docx.fields import Field, Fields, form_value, is_page_number, target_of, target_shown
from datasets.ingestion.readers.docx.frames import (
    COMMENT,
    ENDNOTE,
    FOOTNOTE,
    PAGE_NUMBER,
    Found,
    Frame,
    Paragraph,
    Surroundings,
)
from datasets.ingestion.readers.docx.inline import Inline
from datasets.ingestion.readers.docx.numerals import numeral
from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.styles import PLAIN, RunFormat, formatted, is_on
from datasets.ingestion.readers.docx.symbols import shown, symbol
from datasets.ingestion.readers.docx.tables import Tables
from datasets.ingestion.readers.typography import annotated, linked, superscript

_RUNS: Final = frozenset({"w:r", "m:r"})
_TEXTS: Final = ("w:t", "m:t", "a:t")
_FORMATS: Final = ("w:strike", "w:dstrike", "w:vanish", "w:vertAlign", "w:rFonts", "w:b", "w:rStyle")
_CHARACTERS: Final = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "a:br": "\n",
    "w:noBreakHyphen": "-",
    "w:softHyphen": "",
}
_FORM_SETTINGS: Final = ("w:checkBox", "w:checked", "w:default", "w:listEntry", "w:result")
_FORMULA_SETTINGS: Final = (
    "m:type", "m:degHide", "m:chr", "m:subHide", "m:supHide", "m:begChr", "m:sepChr", "m:endChr", "m:pos", "m:show",
)  # fmt: skip
_REFERENCES: Final = {"w:footnoteReference": FOOTNOTE, "w:endnoteReference": ENDNOTE, "w:commentReference": COMMENT}
FRAMED: Final = (
    frozenset({"w:r", "m:r", "w:hyperlink", "w:fldSimple", "w:ruby", "w:rt", "w:rubyBase", "m:oMath"})
    | formulas.STRUCTURES
    | formulas.ARGUMENTS
)


class Runs:
    """Takes the elements inside paragraphs; `read` grows with all that is read, shown or not."""

    def __init__(self, surroundings: Surroundings, found: Found, tables: Tables) -> None:
        self.frames: list[Frame] = [Frame("", {})]
        self.paragraphs: list[Paragraph] = []
        self.fields = Fields()
        self.read = 0
        self._surroundings = surroundings
        self._found = found
        self._tables = tables
        self._text: list[str] | None = None
        self._counts = {FOOTNOTE: 0, ENDNOTE: 0}

    def starts(self) -> dict[str, Callable[[str, Attributes], None]]:
        """Return what is done at the start of which element."""
        return {
            **dict.fromkeys((*_TEXTS, "w:instrText"), self._begin_text),
            **dict.fromkeys(_FORMATS, self._set_up_run),
            **dict.fromkeys(_CHARACTERS, self._add_character),
            **dict.fromkeys(_FORM_SETTINGS, self.fields.set_up),
            **dict.fromkeys(_FORMULA_SETTINGS, self._set_up_formula),
            **dict.fromkeys(_REFERENCES, self._refer),
            "w:sym": self._add_symbol,
            "w:fldChar": self._mark_field,
            "a:blip": self._see_picture,
            "v:imagedata": self._see_picture,
            "o:OLEObject": self._see_object,
        }

    def ends(self) -> dict[str, Callable[[Frame], None]]:
        """Return what is done at the end of which element."""
        return {
            **dict.fromkeys(_TEXTS, self._end_text),
            "w:instrText": self._end_code,
            "w:hyperlink": self._end_link,
            "w:fldSimple": self._end_simple_field,
            **dict.fromkeys(("w:rt", "w:rubyBase", *formulas.ARGUMENTS), self._end_argument),
            "w:ruby": self._end_ruby,
            "m:oMath": lambda frame: self.add_apart(frame.text().strip()),
            **dict.fromkeys(formulas.STRUCTURES, self._end_structure),
        }

    def data(self, text: str) -> None:
        """Take text."""
        if self._text is not None:
            self._text.append(text)

    def add(self, text: str) -> None:
        """Add text as the run at hand sets it, where what it is in is shown."""
        self._take(text, lambda inline, format_: inline.add(shown(text, format_.font), format_.script))

    def add_apart(self, text: str) -> None:
        """Add text that must not run together with what is beside it."""
        self._take(text, lambda inline, _format: inline.add_apart(text))

    @property
    def is_hidden(self) -> bool:
        """Whether what is open is inside a run that nobody sees."""
        return any(self._format(frame).hidden for frame in self.frames if frame.tag in _RUNS)

    def _take(self, text: str, add: Callable[[Inline, RunFormat], None]) -> None:
        if not text or self.fields.in_code:
            return
        self.read += 1
        if self._surroundings.is_margin and any(one.is_page_number for one in self.fields.open):
            return
        frame = self.frames[-1]
        is_run = frame.tag in _RUNS
        format_ = self._format(frame) if is_run else PLAIN
        if format_.hidden or format_.struck:
            return
        self.fields.add_shown(text)
        cell = self._tables.cell
        if cell is not None:
            letters = len(text.strip())
            cell.letters += letters
            cell.bold_letters += letters if format_.bold else 0
        add(self.frames[-2].inline if is_run else frame.inline, format_)

    def _format(self, run: Frame) -> RunFormat:
        if run.resolved is None:
            style = self.paragraphs[-1].style if self.paragraphs else ""
            styles = self._surroundings.styles
            run.resolved = styles.of_run(run.format, run_style=run.run_style, paragraph_style=style)
        return run.resolved

    # ---- letters

    def _begin_text(self, _tag: str, _attributes: Attributes) -> None:
        self._text = []

    def _end_text(self, frame: Frame) -> None:
        text = "".join(self._text or ())
        self._text = None
        self.add(formulas.plain_letters(text) if frame.tag == "m:r" else text)

    def _end_code(self, _frame: Frame) -> None:
        self.fields.add_code("".join(self._text or ()))
        self._text = None

    def _set_up_run(self, tag: str, attributes: Attributes) -> None:
        frame = self.frames[-1]
        if frame.tag not in _RUNS and frame.tag != "w:pPr":
            return
        if tag == "w:rStyle":
            frame.run_style = attributes.get("val", "")
        else:
            frame.format = formatted(frame.format, tag, attributes)

    def _add_character(self, tag: str, _attributes: Attributes) -> None:
        if self.frames[-1].tag in _RUNS or tag == "a:br":
            self.add(_CHARACTERS[tag])

    def _add_symbol(self, _tag: str, attributes: Attributes) -> None:
        self.add(symbol(attributes.get("font", ""), attributes.get("char", "")))

    # ---- fields and links

    def _mark_field(self, _tag: str, attributes: Attributes) -> None:
        ended = self.fields.mark(attributes.get("fldCharType", ""))
        if ended is not None:
            self._end_field(ended)

    def _end_field(self, field: Field) -> None:
        if self._surroundings.is_margin and field.is_page_number:
            self.add(PAGE_NUMBER)
        else:
            self.add(form_value(field) + target_shown(field))

    def _end_simple_field(self, frame: Frame) -> None:
        code = frame.attributes.get("instr", "")
        if self._surroundings.is_margin and is_page_number(code):
            self.add(PAGE_NUMBER)
        else:
            self.add(linked(frame.text(), target_of(code)))

    def _end_link(self, frame: Frame) -> None:
        text = frame.text()
        link = self._surroundings.links.get(frame.attributes.get("r:id", ""))
        self.add(linked(text, link.target) if link is not None and link.is_external else text)

    # ---- readings and formulas

    def _end_argument(self, frame: Frame) -> None:
        around = self.frames[-1]
        if around.tag == "w:ruby" or around.tag in formulas.STRUCTURES:
            around.structure.take(frame.tag, frame.text())
        else:
            self.add(frame.text())

    def _end_ruby(self, frame: Frame) -> None:
        self.add(annotated(frame.structure.one("w:rubyBase"), frame.structure.one("w:rt")))

    def _set_up_formula(self, tag: str, attributes: Attributes) -> None:
        name = tag.removeprefix("m:")
        if "val" in attributes or name.endswith("Hide"):
            self.frames[-1].structure.settings[name] = attributes.get("val", "1")

    def _end_structure(self, frame: Frame) -> None:
        text = formulas.written(frame.tag, frame.structure)
        if self.frames[-1].tag == "m:m":
            self.frames[-1].structure.take(frame.tag, text)
        else:
            self.add_apart(text)

    # ---- notes and what is no text

    def _refer(self, tag: str, attributes: Attributes) -> None:
        kind, name = _REFERENCES[tag], attributes.get("id", "")
        format_ = self._format(self.frames[-1]) if self.frames[-1].tag in _RUNS else PLAIN
        if not self.paragraphs or format_.hidden or format_.struck or self.fields.in_code:
            return
        # A second reference to the same note would write it again.
        text = self._surroundings.notes.pop((kind, name), "")
        if kind == COMMENT:
            self.paragraphs[-1].notes += [f"[Comment, {text}]"] if text else []
            return
        mark = self._mark_of_note(kind, attributes)
        if text:
            self.paragraphs[-1].notes.append(f"{mark} {text}".strip())

    def _mark_of_note(self, kind: str, attributes: Attributes) -> str:
        """Put the number of the next note of this kind into the text, unless a mark of its own follows."""
        if "customMarkFollows" in attributes and is_on({"val": attributes["customMarkFollows"]}):
            return ""
        self._counts[kind] += 1
        inline = self.frames[-2 if self.frames[-1].tag in _RUNS else -1].inline
        if kind == FOOTNOTE:
            number = str(self._counts[kind])
            inline.add_mark(number)
            return superscript(number)
        mark = f"[{numeral(self._counts[kind], 'lowerRoman')}]"
        inline.add(mark)
        return mark

    def _see_picture(self, _tag: str, _attributes: Attributes) -> None:
        self._found.pictures += 1

    def _see_object(self, _tag: str, attributes: Attributes) -> None:
        self._found.unread.append(attributes.get("ProgID", "").partition(".")[0])
