"""Joins ES modules and a style sheet to one script, without comments and blanks: the widget needs no build step.

Not a bundler for any JavaScript, but for the widget's own: imports and exports stand at the beginning of a line, every
statement ends with a semicolon and none is empty, and no template stands inside another.
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_IMPORT = re.compile(r'^import (?:\{ (?P<names>[\w, ]+) \}|(?P<name>\w+)) from "(?P<path>[\w./-]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*? |class |const )(\w+)", re.MULTILINE)
_TOKEN = re.compile(
    r"""
    (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<pattern>/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*)
    |(?P<word>[\w$#]+)
    |(?P<blank>\s+)
    |(?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# After these a slash divides; elsewhere it begins a pattern.
_VALUE = re.compile(r"[\w$)\]]")
_WORD = re.compile(r"#?[\w$]+")
# What may be left out before what: the comma behind the last of a list, the semicolon before the end of a block.
_NEEDLESS = frozenset({(",", "}"), (",", "]"), (",", ")"), (";", "}")})
_DECLARES = frozenset({"const", "let", "function"})
_BEFORE_PATTERN = frozenset({"return", "typeof", "case"})


Token = tuple[str, str]


def joined(entry: Path) -> str:
    """Return one script that does what the module `entry` does, and leaves no name behind."""
    order: list[Path] = []
    _add(entry.resolve(), order)
    numbers = {path: f"m{number}" for number, path in enumerate(order)}
    parts = (f"const {numbers[path]}=(()=>{{{_module(path, numbers)}}})();" for path in order)
    return f'(()=>{{"use strict";{"".join(parts)}}})();\n'


def _add(path: Path, order: list[Path]) -> None:
    """Add a module behind those that it imports."""
    for found in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        target = (path.parent / found["path"]).resolve()
        if target.suffix == ".js" and target not in order:
            _add(target, order)
    if path not in order:
        order.append(path)


def _module(path: Path, numbers: dict[Path, str]) -> str:
    text = path.read_text(encoding="utf-8")
    exported = [name for _, name in _EXPORT.findall(text)]

    def brought(found: re.Match[str]) -> str:
        target = (path.parent / found["path"]).resolve()
        if target.suffix == ".css":
            return f"const {found['name']} = {json.dumps(compact_css(target.read_text(encoding='utf-8')))};"
        return f"const {{ {found['names']} }} = {numbers[target]};"

    body = _EXPORT.sub(r"\1\2", _IMPORT.sub(brought, text))
    return compact_js(f"{body}\nreturn {{ {', '.join(exported)} }};")


def compact_js(text: str) -> str:
    """Return a module without what it can do without: comments, blanks, long names of its own, last commas."""
    out: list[str] = []
    last = ""
    for piece in _shortened([token for token in _tokens(text) if token[0] not in {"comment", "blank"}]):
        if (last, piece) in _NEEDLESS:
            out.pop()
        glued = re.match(r"[\w$#]", piece) and re.search(r"[\w$]$", last)
        if glued or (piece in "+-" and last.endswith(piece)):
            out.append(" ")
        out.append(piece)
        last = piece
    return "".join(out)


def _shortened(tokens: list[Token]) -> Iterator[str]:
    """Yield the pieces of a module, with one letter for each name that it declares and that is surely no property.

    Every occurrence of a name gets the same letter, so scopes need not be known; a name that occurs even once where it
    might be a property, or inside a template, stays as it is.
    """
    words = Counter(piece for kind, piece in tokens if kind == "word")
    kept = set(_WORD.findall(" ".join(piece for kind, piece in tokens if piece[0] == "`")))
    declared: set[str] = set()
    pieces = ["", "", "", *(piece for _, piece in tokens), "", "", ""]
    inside = [""]
    for at, (kind, piece) in enumerate(tokens, start=3):
        around, after = pieces[at - 3 : at + 2], pieces[at + 1 : at + 4]
        if piece in {"(", "[", "{"}:
            inside.append(piece)
        elif piece in {")", "]", "}"}:
            inside.pop()
        elif kind == "word" and _may_be_property(around, inside[-1]):
            kept.add(piece)
        elif pieces[at - 1] in _DECLARES or after == [")", "=", ">"] or piece.startswith("#"):
            declared.add(piece)
    # Letters that are frequent anyhow compress best.
    frequent = Counter("".join(words))
    letters = sorted(set(string.ascii_letters) - words.keys(), key=lambda one: (-frequent[one], one))
    longest = [word for word, _ in words.most_common() if word in declared - kept and len(word) > 2]
    short = {word: "#" * word.startswith("#") + letter for word, letter in zip(longest, letters, strict=False)}
    for kind, piece in tokens:
        # The sources never write to a constant, so what they need not say costs nothing here.
        yield "let" if piece == "const" else short.get(piece, piece) if kind == "word" else piece


def _may_be_property(around: list[str], inside: str) -> bool:
    *_, before, word, after = around
    if word.startswith("#"):
        return False  # private, and nothing else
    if before == ".":
        return around[:2] != [".", "."]  # what is spread is none
    if before in {"{", "}", ";", ",", "async", "*", "get"} and after == "(":
        return inside == "{"  # the definition of a method, or else a call
    return inside == "{" and before in {"{", ","} and after in {",", "}", "=", ":"}


def _tokens(text: str) -> Iterator[Token]:
    at, last = 0, ""
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None  # noqa: S101 - the last branch takes any character
        kind, piece = str(found.lastgroup), found[0]
        if kind == "pattern" and _VALUE.search(last[-1:]) and last not in _BEFORE_PATTERN:
            kind, piece = "sign", "/"
        if kind not in {"comment", "blank"}:
            last = piece
        at += len(piece)
        yield kind, piece


def compact_css(text: str) -> str:
    """Return a style sheet without comments and needless blanks."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?", r"\1", text).replace(": ", ":").replace(";}", "}")
    return text.strip()
