"""Tells how two states of a bot's settings differ: field by field, long texts and lists line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from bots import versioned

# Lines that stayed are shown around those that did not.
CONTEXT = 3
_BY_LINE = frozenset({"description", "system_prompt", "welcome_message", "no_evidence_message"})

Kind = Literal["same", "removed", "added", "left_out"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, or an item of a list; `left_out` stands for `count` lines that stayed."""

    kind: Kind
    text: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; parts of the look have names like `look.accent`. `lines` only for texts and lists."""

    field: str
    before: Any
    after: Any
    lines: tuple[Line, ...] = ()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two states of settings, in the order of `versioned.NAMES`."""
    old, new = _flat(before), _flat(after)
    names = [*old, *(name for name in new if name not in old)]
    return [_difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: settings[name] for name in versioned.NAMES if name in settings and name != "look"}
    return plain | {f"look.{name}": value for name, value in settings.get("look", {}).items()}


def _difference(name: str, before: Any, after: Any) -> Difference:
    if name in _BY_LINE:
        lines = _lines(str(before or "").splitlines(), str(after or "").splitlines())
    elif isinstance(before, list) or isinstance(after, list):
        lines = _lines([_item(one) for one in before or ()], [_item(one) for one in after or ()])
    else:
        lines = ()
    return Difference(name, before, after, lines)


def _item(value: Any) -> str:
    """Return an item of a list as one line; a fallback as its model and, if it names one, its provider."""
    if isinstance(value, dict):
        return " ".join(filter(None, (value["model"], value["provider_id"])))
    return str(value)


def _lines(before: Sequence[str], after: Sequence[str]) -> tuple[Line, ...]:
    matcher = SequenceMatcher(None, before, after)
    lines: list[Line] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        lines += _gap(lines, until=group[0][1])
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                lines += (Line("same", text) for text in before[start:end])
            else:
                lines += (Line("removed", text) for text in before[start:end])
                lines += (Line("added", text) for text in after[new_start:new_end])
    return (*lines, *_gap(lines, until=len(before)))


def _gap(lines: Sequence[Line], *, until: int) -> Iterator[Line]:
    """Yield what stands for the old lines up to `until` that have not been shown."""
    shown = sum(line.count for line in lines if line.kind != "added")
    if shown < until:
        yield Line("left_out", count=until - shown)
