"""Tells how two states of a bot's settings differ: field by field, long texts and lists line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from bots import versioned
from chatcms.core.text.diffing import Part, diff_lines

# Lines that stayed are shown around those that did not.
CONTEXT = 3
_BY_LINE = frozenset({"description", "system_prompt", "welcome_message", "no_evidence_message"})

Kind = Literal["same", "removed", "added", "left_out"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, or an item of a list, in parts, each with whether it is what changed.

    `left_out` stands for `count` lines that stayed.
    """

    kind: Kind
    parts: tuple[Part, ...] = ()
    count: int = 1

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(text for text, _ in self.parts)


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


def lines_between(before: Sequence[str], after: Sequence[str]) -> tuple[Line, ...]:
    """Return how two lists of lines differ; of a long run of lines that stayed only the ends."""
    found = diff_lines("\n".join(before), "\n".join(after))
    runs = [(kind, [Line(kind, one.parts) for one in run]) for kind, run in groupby(found, lambda line: line.kind)]
    lines: list[Line] = []
    for index, (kind, run) in enumerate(runs):
        if kind == "same":
            head, tail = (CONTEXT if index else 0), (CONTEXT if index < len(runs) - 1 else 0)
            lines += _shortened(run, head, tail)
        else:
            lines += run
    return tuple(lines)


def _shortened(run: list[Line], head: int, tail: int) -> list[Line]:
    between = len(run) - head - tail
    if between <= 1:
        return run
    return [*run[:head], Line("left_out", count=between), *run[len(run) - tail :]]


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: settings[name] for name in versioned.NAMES if name in settings and name != "look"}
    return plain | {f"look.{name}": value for name, value in settings.get("look", {}).items()}


def _difference(name: str, before: Any, after: Any) -> Difference:
    lines: tuple[Line, ...] = ()
    if name in _BY_LINE:
        lines = lines_between(str(before or "").splitlines(), str(after or "").splitlines())
    elif isinstance(before, list) or isinstance(after, list):
        lines = lines_between([_item(one) for one in before or ()], [_item(one) for one in after or ()])
    return Difference(name, before, after, lines)


def _item(value: Any) -> str:
    """Return an item of a list as one line; a fallback as its model and, if it names one, its provider."""
    if isinstance(value, dict):
        return " ".join(filter(None, (value["model"], value["provider_id"])))
    return " ".join(str(value).split())
