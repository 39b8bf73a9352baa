"""Joins ES modules and a style sheet to one script, without comments and blanks: the widget needs no build step.

Not a bundler for any JavaScript, but for the widget's own: imports and exports stand at the beginning of a line, every
statement ends with a semicolon, and no template stands inside another.
"""

from __future__ import annotations

import json
import re
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
    """Return a script without comments, and without blanks but between words."""
    out: list[str] = []
    last = ""
    for kind, piece in _tokens(text):
        if kind in {"comment", "blank"}:
            continue
        glued = re.match(r"[\w$#]", piece) and re.search(r"[\w$]$", last)
        if glued or (piece in "+-" and last.endswith(piece)):
            out.append(" ")
        out.append(piece)
        last = piece
    return "".join(out)


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
