"""Reads the regular expressions that stand in the product's scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chatcms.config.environment import BASE_DIR

FOLDERS = ("static/widget", "static/js")

# What follows a value divides it; what follows anything else begins a literal.
_VALUE = re.compile(r"[\w$)\]}]")
_WORDS_BEFORE_LITERALS = frozenset({"return", "typeof", "case", "of", "in", "yield", "await", "do", "else", "void"})
_TOKEN = re.compile(
    r"(?P<skipped>\s+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[\w$]+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_LITERAL = re.compile(r"/(?P<pattern>(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/(?P<flags>[a-z]*)")
_PLAIN_OF_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Literal:
    """A regular expression as a script has it."""

    pattern: str
    flags: str


def scripts() -> list[Path]:
    """Return every script that pages load."""
    return sorted(path for folder in FOLDERS for path in (BASE_DIR / folder).glob("*.js"))


def literals(source: str) -> set[Literal]:
    """Return the regular expressions that stand in a script as literals, those inside template strings too."""
    return set(_Reader(source).read())


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._before = ""

    def read(self) -> Iterator[Literal]:
        """Read as far as the brace that closes what is open, or the end."""
        depth = 0
        while found := _TOKEN.match(self._source, self._at):
            if found["sign"] == "/" and self._begins_literal:
                yield self._literal()
                continue
            self._at = found.end()
            if found["sign"] == "`":
                yield from self._template()
            depth += {"{": 1, "}": -1}.get(found["sign"] or "", 0)
            if depth < 0:
                return
            if not found["skipped"]:
                self._before = "a" if found["string"] or found["sign"] == "`" else found[0]

    @property
    def _begins_literal(self) -> bool:
        return self._before in _WORDS_BEFORE_LITERALS or not _VALUE.match(self._before)

    def _literal(self) -> Literal:
        found = _LITERAL.match(self._source, self._at)
        assert found is not None, self._source[self._at : self._at + 80]
        self._at, self._before = found.end(), "a"
        return Literal(found["pattern"], found["flags"])

    def _template(self) -> Iterator[Literal]:
        while True:
            plain = _PLAIN_OF_TEMPLATE.match(self._source, self._at)
            assert plain is not None
            self._at = plain.end() + 1
            if self._source[plain.end()] == "`":
                return
            self._at += 1
            self._before = ""
            yield from self.read()
