"""Knows what a document's styles say of paragraphs and runs, as far as it changes what is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from datasets.ingestion.readers.docx.parsing import Attributes

BODY_TEXT: Final = -1
TITLE_LEVEL: Final = 0
_OUTLINE_LEVELS: Final = 9
_HEADING_NAME: Final = re.compile(r"heading ?([1-9])\Z", re.IGNORECASE)
_OFF: Final = frozenset({"0", "false", "off", "none"})
_FORMATS: Final = frozenset({"w:strike", "w:dstrike", "w:vanish", "w:vertAlign", "w:rFonts", "w:b"})
# Which styles a document may base on which, before that is a circle.
_MOST_ANCESTORS: Final = 20


@dataclass(frozen=True, slots=True)
class RunFormat:
    """What is said of a run's letters; None and "" where nothing is said."""

    struck: bool | None = None
    hidden: bool | None = None
    bold: bool | None = None
    script: str = ""
    font: str = ""

    def over(self, below: RunFormat) -> RunFormat:
        """Return this format, with that of `below` where this one says nothing."""
        return RunFormat(
            below.struck if self.struck is None else self.struck,
            below.hidden if self.hidden is None else self.hidden,
            below.bold if self.bold is None else self.bold,
            self.script or below.script,
            self.font or below.font,
        )

    def beside(self, other: RunFormat) -> RunFormat:
        """Return what a paragraph's style and this one of its letters say together: twice on is off."""
        return RunFormat(
            _either(self.struck, other.struck),
            _either(self.hidden, other.hidden),
            _either(self.bold, other.bold),
            self.script or other.script,
            self.font or other.font,
        )


PLAIN: Final = RunFormat()


def formatted(format_: RunFormat, tag: str, attributes: Attributes) -> RunFormat:
    """Return the format with what the element `tag` of a run's properties says."""
    match tag:
        case "w:strike" | "w:dstrike":
            # Either strikes; one that is off does not end the other.
            return replace(format_, struck=is_on(attributes) or bool(format_.struck))
        case "w:vanish":
            return replace(format_, hidden=is_on(attributes))
        case "w:b":
            return replace(format_, bold=is_on(attributes))
        case "w:vertAlign":
            return replace(format_, script=attributes.get("val", "") or "baseline")
        case "w:rFonts":
            themed = attributes.get("asciiTheme") or attributes.get("hAnsiTheme")
            font = themed or attributes.get("ascii") or attributes.get("hAnsi") or ""
            return replace(format_, font=font or format_.font)
    return format_


def is_on(attributes: Attributes) -> bool:
    """Whether an element that is on by being there is on."""
    return attributes.get("val", "1").lower() not in _OFF


def outline_level(value: str) -> int | None:
    """Return the level of headings that this outline level is, `BODY_TEXT` for none, None if it is no level."""
    if not (value.isascii() and value.isdecimal()):
        return None
    return int(value) + 1 if int(value) < _OUTLINE_LEVELS else BODY_TEXT


@dataclass(slots=True)
class Style:
    """One style with what it says itself; the rest is its parent's."""

    parent: str = ""
    level: int | None = None
    number: str | None = None
    number_level: int | None = None
    format: RunFormat = PLAIN


@dataclass(slots=True)
class Styles:
    """All styles by id; what is asked for is looked up along their parents."""

    by_id: dict[str, Style] = field(default_factory=dict)
    default_paragraph: str = ""
    defaults: RunFormat = PLAIN
    _formats: dict[str, RunFormat] = field(default_factory=dict)
    _levels: dict[str, int | None] = field(default_factory=dict)
    _numbers: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    _by_styles: dict[tuple[str, str], RunFormat] = field(default_factory=dict)

    def level(self, style: str) -> int | None:
        """Return the level of the headings that this style is for, None if it is for none."""
        if style not in self._levels:
            self._levels[style] = self._level(style)
        return self._levels[style]

    def number(self, style: str) -> tuple[str, int | None]:
        """Return the id of the numbering that the style sets, "" for none, and its level if it says one."""
        if style not in self._numbers:
            self._numbers[style] = self._number(style)
        return self._numbers[style]

    def format(self, style: str) -> RunFormat:
        """Return what a style says of letters."""
        if style not in self._formats:
            found = PLAIN
            for one in self._line(style):
                found = found.over(one.format)
            self._formats[style] = found
        return self._formats[style]

    def of_run(self, direct: RunFormat, *, run_style: str, paragraph_style: str) -> RunFormat:
        """Return how a run's letters are set: by itself, by its style and its paragraph's, or by default."""
        key = (run_style, paragraph_style)
        if key not in self._by_styles:
            by_styles = self.format(run_style).beside(self.format(paragraph_style or self.default_paragraph))
            self._by_styles[key] = by_styles.over(self.defaults)
        return self._by_styles[key] if direct is PLAIN else direct.over(self._by_styles[key])

    def _level(self, style: str) -> int | None:
        for one in self._line(style):
            if one.level is not None:
                return None if one.level == BODY_TEXT else one.level
        # Files without a list of styles name Word's own.
        return _level_of_name(style) if style not in self.by_id else None

    def _number(self, style: str) -> tuple[str, int | None]:
        level = None
        for one in self._line(style):
            level = one.number_level if level is None else level
            if one.number is not None:
                return one.number, level
        return "", None

    def lineage(self, style: str) -> list[str]:
        """Return the style and those it is based on."""
        names: list[str] = []
        while style in self.by_id and style not in names and len(names) < _MOST_ANCESTORS:
            names.append(style)
            style = self.by_id[style].parent
        return names

    def _line(self, style: str) -> list[Style]:
        return [self.by_id[name] for name in self.lineage(style)]


class StylesReader:
    """Takes the elements of the part that holds the styles."""

    def __init__(self) -> None:
        self.styles = Styles()
        self._style: Style | None = None
        self._in_defaults = False
        self._in_table_part = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        if tag == "w:style":
            self._begin(attributes)
        elif tag == "w:rPrDefault":
            self._in_defaults = True
        elif tag == "w:tblStylePr":
            # Says what some cells of a table look like.
            self._in_table_part += 1
        elif self._in_defaults:
            self.styles.defaults = formatted(self.styles.defaults, tag, attributes)
        elif self._style is not None and not self._in_table_part:
            self._say(self._style, tag, attributes)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "w:style":
            self._style = None
        elif tag == "w:rPrDefault":
            self._in_defaults = False
        elif tag == "w:tblStylePr":
            self._in_table_part -= 1

    def data(self, text: str) -> None:
        """Leave text: there is none."""

    def _begin(self, attributes: Attributes) -> None:
        name = attributes.get("styleId", "")
        self._style = self.styles.by_id.setdefault(name, Style())
        is_default = "default" in attributes and attributes["default"].lower() not in _OFF
        if is_default and attributes.get("type") == "paragraph":
            self.styles.default_paragraph = name

    def _say(self, style: Style, tag: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if tag in _FORMATS:
            style.format = formatted(style.format, tag, attributes)
        elif tag == "w:name":
            named = _level_of_name(value)
            style.level = named if named is not None else style.level
        elif tag == "w:basedOn":
            style.parent = value
        elif tag == "w:outlineLvl":
            # The name of a heading says more: that of "heading 1" may be set to any level.
            style.level = outline_level(value) if style.level is None else style.level
        elif tag == "w:numId":
            style.number = value
        elif tag == "w:ilvl" and value.isascii() and value.isdecimal():
            style.number_level = int(value)


def _level_of_name(name: str) -> int | None:
    if name.lower() == "title":
        return TITLE_LEVEL
    match = _HEADING_NAME.match(name)
    return int(match[1]) if match else None


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return one if other is None else other
    return one != other
