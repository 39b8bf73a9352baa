"""Counts what Word numbers by itself, and writes each number as it stands before its paragraph: 4.2, (b), Annex IV."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from datasets.ingestion.readers.docx.numerals import numeral
from datasets.ingestion.readers.docx.parsing import Attributes
from datasets.ingestion.readers.docx.styles import Styles, is_on

LEVELS: Final = 9
NO_LIST: Final = "0"
BULLET: Final = "-"
_PLACE: Final = re.compile(r"%([1-9])")
_LONGEST_LABEL: Final = 100
_MOST_LINKS: Final = 5


@dataclass(slots=True)
class Level:
    """How one level of a list is numbered; `text` has %1 to %9 where numbers of levels stand."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restarts_after: int | None = None
    in_digits: bool = False
    style: str = ""


@dataclass(slots=True)
class _Abstract:
    levels: dict[int, Level] = field(default_factory=dict)
    style_link: str = ""
    names_style: str = ""


@dataclass(slots=True)
class _Instance:
    abstract: str = ""
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


@dataclass(slots=True)
class _Counters:
    """The numbers at hand of one abstract list; lists that share it go on from each other."""

    values: list[int | None] = field(default_factory=lambda: [None] * LEVELS)
    begun: set[tuple[str, int]] = field(default_factory=set)


class Numbering:
    """All lists of a document. What is counted goes forward with each call: call in reading order, once for each."""

    def __init__(self) -> None:
        self._abstracts: dict[str, _Abstract] = {}
        self._instances: dict[str, _Instance] = {}
        self._counters: dict[str, _Counters] = {}
        self._of_style: dict[tuple[str, str], int] = {}

    def label(self, number: str, level: int | None, *, styles: Styles, style: str) -> str:
        """Return what stands before the next paragraph of list `number`: a number, `BULLET`, or "".

        What is in a list that the file does not describe has a bullet.
        """
        if number in {"", NO_LIST}:
            return ""
        instance = self._instances.get(number)
        if instance is None:
            return BULLET
        name, abstract = self._abstract(instance, styles)
        place = self._place(name, abstract, level, styles.lineage(style))
        rule = instance.levels.get(place) or abstract.levels.get(place)
        if rule is None:
            return ""
        counters = self._counters.setdefault(name, _Counters())
        self._count(counters, number, place, instance, abstract)
        if rule.form == "bullet":
            return BULLET
        return self._written(rule, counters, instance, abstract)

    def _abstract(self, instance: _Instance, styles: Styles) -> tuple[str, _Abstract]:
        """Return the list that holds the levels, which may be that of a style of lists."""
        name = instance.abstract
        for _ in range(_MOST_LINKS):
            abstract = self._abstracts.get(name, _Abstract())
            if abstract.levels or not abstract.style_link:
                break
            linked = self._instances.get(styles.number(abstract.style_link)[0])
            named = (key for key, one in self._abstracts.items() if one.names_style == abstract.style_link)
            name = linked.abstract if linked else next(named, name)
        return name, self._abstracts.get(name, _Abstract())

    def _place(self, name: str, abstract: _Abstract, level: int | None, lineage: list[str]) -> int:
        """Return the level: as the paragraph or its style says, else the one that is made for the style."""
        for style in lineage:
            if (key := (name, style)) not in self._of_style:
                found = (place for place, one in abstract.levels.items() if one.style == style)
                self._of_style[key] = next(found, -1)
            if level is None and self._of_style[key] >= 0:
                return self._of_style[key]
        return min(level or 0, LEVELS - 1)

    def _count(self, counters: _Counters, number: str, place: int, instance: _Instance, abstract: _Abstract) -> None:
        start = _start(place, instance, abstract)
        begins = (number, place) not in counters.begun
        counters.begun.add((number, place))
        before = counters.values[place]
        if before is None or (begins and place in instance.starts):
            counters.values[place] = start
        else:
            counters.values[place] = before + 1
        for deeper in range(place + 1, LEVELS):
            rule = instance.levels.get(deeper) or abstract.levels.get(deeper)
            after = None if rule is None else rule.restarts_after
            if after is None or 0 < after >= place + 1:
                counters.values[deeper] = None

    def _written(self, rule: Level, counters: _Counters, instance: _Instance, abstract: _Abstract) -> str:
        def number_of(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            other = instance.levels.get(place) or abstract.levels.get(place) or Level()
            value = counters.values[place]
            shown = _start(place, instance, abstract) if value is None else value
            in_digits = rule.in_digits and other.form != "none"
            return numeral(shown, "decimal" if in_digits else other.form)

        return _PLACE.sub(number_of, rule.text).strip()


def _start(place: int, instance: _Instance, abstract: _Abstract) -> int:
    rule = instance.levels.get(place) or abstract.levels.get(place) or Level()
    return instance.starts.get(place, rule.start)


class NumberingReader:
    """Takes the elements of the part that holds the lists."""

    def __init__(self) -> None:
        self.numbering = Numbering()
        self._abstract: _Abstract | None = None
        self._instance: _Instance | None = None
        self._level: Level | None = None
        self._override = 0
        self._in_fallback = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        if tag == "mc:Fallback" or self._in_fallback:
            # The same again, for programs that know less.
            self._in_fallback = True
            return
        value = attributes.get("val", "")
        if tag == "w:abstractNum":
            self._abstract = self.numbering._abstracts.setdefault(attributes.get("abstractNumId", ""), _Abstract())
        elif tag == "w:num":
            self._instance = self.numbering._instances.setdefault(attributes.get("numId", ""), _Instance())
        elif tag == "w:lvlOverride":
            self._override = _whole(attributes.get("ilvl", ""), 0)
        elif tag == "w:lvl":
            self._begin_level(_whole(attributes.get("ilvl", ""), 0))
        elif self._level is not None:
            _say(self._level, tag, value, attributes)
        elif self._instance is not None:
            self._say_of_instance(self._instance, tag, value)
        elif self._abstract is not None and tag == "w:numStyleLink":
            self._abstract.style_link = value
        elif self._abstract is not None and tag == "w:styleLink":
            self._abstract.names_style = value

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "mc:Fallback":
            self._in_fallback = False
        elif tag == "w:abstractNum":
            self._abstract = None
        elif tag == "w:num":
            self._instance = None
        elif tag == "w:lvl":
            self._level = None

    def data(self, text: str) -> None:
        """Leave text: there is none."""

    def _begin_level(self, place: int) -> None:
        self._level = Level()
        holder = self._instance or self._abstract
        if holder is not None and 0 <= place < LEVELS:
            holder.levels[place] = self._level

    def _say_of_instance(self, instance: _Instance, tag: str, value: str) -> None:
        if tag == "w:abstractNumId":
            instance.abstract = value
        elif tag == "w:startOverride":
            instance.starts[self._override] = _whole(value, 1)


def _say(level: Level, tag: str, value: str, attributes: Attributes) -> None:
    if tag == "w:start":
        level.start = _whole(value, 1)
    elif tag == "w:numFmt":
        # A format of one's own shows how its numbers look: "001, 002, 003, ...".
        width = len(attributes.get("format", "").partition(",")[0].strip())
        level.form = {2: "decimalZero", 3: "decimalZero3", 4: "decimalZero4", 5: "decimalZero5"}.get(width, value)
    elif tag == "w:lvlText":
        level.text = value[:_LONGEST_LABEL]
    elif tag == "w:lvlRestart":
        level.restarts_after = _whole(value, 0)
    elif tag == "w:isLgl":
        level.in_digits = is_on(attributes)
    elif tag == "w:pStyle":
        level.style = value


def _whole(value: str, otherwise: int) -> int:
    is_number = value.isascii() and value.isdecimal() and len(value) < 9
    return int(value) if is_number else otherwise
