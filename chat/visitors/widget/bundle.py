"""Joins ES modules and a style sheet to one script, without comments and blanks: the widget needs no build step.

Not a bundler for any JavaScript, but for the widget's own: imports and exports stand at the beginning of a line, every
statement ends with a semicolon and none is empty, and no template stands inside another.
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
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
_PROPERTY = re.compile(r"--[a-z][\w-]*")
_OWN_PROPERTY = re.compile(r"(?<=[{;])--[a-z][\w-]*(?=:)")
# After these a slash divides; elsewhere it begins a pattern.
_VALUE = re.compile(r"[\w$)\]]")
_WORD = re.compile(r"#?[\w$]+")
# What may be left out before what: the comma behind the last of a list, the semicolon before the end of a block.
_NEEDLESS = frozenset({(",", "}"), (",", "]"), (",", ")"), (";", "}")})
_DECLARES = frozenset({"const", "let", "function"})
_CONDITIONS = frozenset({"if", "for", "while", "switch", "with"})
# Two letters that mean something.
_RESERVED = frozenset({"as", "do", "if", "in", "is", "of"})
# What is as true in fewer letters; the sources never write to a constant.
_BRIEF = {"const": "let", "true": "!0", "false": "!1"}
_BEFORE_PATTERN = frozenset({"return", "typeof", "case"})
Token = tuple[str, str]


def joined(entry: Path) -> str:
    """Return one script that does what the module `entry` does, and leaves no name behind."""
    order: list[Path] = []
    _add(entry.resolve(), order)
    numbers = {path: f"m{number}" for number, path in enumerate(order)}
    parts = (f"const {numbers[path]}=(()=>{{{_module(path, numbers)}}})();" for path in order)
    return _with_short_properties(f'(()=>{{"use strict";{"".join(parts)}}})();\n')


def _with_short_properties(script: str) -> str:
    """Return the script with short names for the custom properties that its style sheet declares for itself."""
    own = Counter(name for name in _OWN_PROPERTY.findall(script) if not name.startswith("--chatcms-"))
    short = {name: f"--{letter}" for (name, _), letter in zip(own.most_common(), string.ascii_letters, strict=False)}
    return _PROPERTY.sub(lambda found: short.get(found[0], found[0]), script)


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
    """Return a module without what it can do without: comments, blanks, its own long names, last commas."""
    out: list[str] = []
    last = ""
    tokens = [token for token in _tokens(text) if token[0] not in {"comment", "blank"}]
    for piece in _with_merged_declarations(_shortened(tokens)):
        if (last, piece) in _NEEDLESS:
            out.pop()
        glued = re.match(r"[\w$#]", piece) and re.search(r"[\w$]$", last)
        if glued or (piece in "+-" and last.endswith(piece)):
            out.append(" ")
        out.append(piece)
        last = piece
    return "".join(out)


def _with_merged_declarations(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces with declarations that follow each other written as one: `let a=1,b=2;`."""
    declares = [False]
    held = ""
    before = ";"
    for piece in pieces:
        if held:
            yield "," if piece == "let" else held
            declares[-1] = piece == "let"
            held, before = "", ("let" if piece == "let" else held)
            if piece == "let":
                continue
        if piece in {"(", "[", "{"}:
            declares.append(False)
        elif piece in {")", "]", "}"}:
            declares.pop()
        elif piece == "let" and before in {"{", "}", ";"}:
            declares[-1] = True
        if piece == ";" and declares[-1]:
            held = piece
        else:
            yield piece
        before = piece
    if held:
        yield held


def _shortened(tokens: list[Token]) -> Iterator[str]:
    """Yield the pieces of a module, with one letter for each name that it declares and that is surely no property.

    Every occurrence of a name gets the same letter, so scopes need not be known; a name that occurs even once where it
    might be a property, or inside a template, stays as it is.
    """
    words = Counter(piece for kind, piece in tokens if kind == "word")
    kept = set(_WORD.findall(" ".join(piece for kind, piece in tokens if piece[0] == "`")))
    declared = _parameters(tokens)
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
    single = sorted(string.ascii_letters, key=lambda one: (-frequent[one], one))
    pairs = (first + second for first in single for second in single)
    letters = (name for name in (*single, *pairs) if name not in words and name not in _RESERVED)
    longest = [word for word, _ in words.most_common() if word in declared - kept and len(word) > 2]
    short = {word: "#" * word.startswith("#") + letter for word, letter in zip(longest, letters, strict=False)}
    for kind, piece in tokens:
        yield _BRIEF.get(piece) or short.get(piece, piece) if kind == "word" else piece


def _parameters(tokens: list[Token]) -> set[str]:
    """Return the names between the brackets of functions and methods: those before a block or an arrow."""
    found: set[str] = set()
    opened: list[int] = []
    for at, (_, piece) in enumerate(tokens):
        if piece == "(":
            opened.append(at)
        elif piece == ")":
            begin = opened.pop()
            follows = [after for _, after in tokens[at + 1 : at + 3]]
            is_list = follows[:1] == ["{"] or follows == ["=", ">"]
            if is_list and not (begin and tokens[begin - 1][1] in _CONDITIONS):
                found |= _names_in(tokens[begin : at + 1])
    return found


def _names_in(tokens: list[Token]) -> set[str]:
    names, depth = set(), 0
    for at, (kind, piece) in enumerate(tokens):
        depth += (piece in {"(", "{", "["}) - (piece in {")", "}", "]"})
        if kind == "word" and depth == 1 and tokens[at - 1][1] in {"(", ","} and tokens[at + 1][1] in {",", ")", "="}:
            names.add(piece)
    return names


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
    """Return a style sheet without comments and needless blanks. A ` *` multiplies: in selectors write `.a > *`."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>*/]|!important) ?", r"\1", text).replace(": ", ":").replace(";}", "}")
    text = re.sub(r"(?<![\d.])0(?=\.\d)", "", text)
    text = re.sub(r'(\[[\w-]+=)"([a-z]+)"\]', r"\1\2]", text)
    return text.strip()
