"""Writes formulas in MathML on one line: fractions with a slash, powers and roots with their signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from selectolax.lexbor import LexborNode

from datasets.ingestion.readers.typography import index, power

_SPACES = re.compile(r"\s+")
# Signs that are said but not seen: function application, times, separator, plus.
_INVISIBLE: Final = {ord(sign): None for sign in "\u2061\u2062\u2063\u200b"} | {0x2064: " "}
_SPACED: Final = frozenset("=+−±×÷·<>≤≥≠≈→↔⇒⇔∈∉⊂⊆∪∩∧∨")
_LEFT_OUT: Final = frozenset({"annotation", "annotation-xml", "mphantom", "none", "mprescripts", "-comment"})
_DEEPEST: Final = 200

_Parts = Sequence[str]


def formula(root: LexborNode) -> str:
    """Return the formula in `root`, a `math` element: "½" set as a fraction as "1/2", x² as "x²"."""
    # Without recursion: pages nest as deep as they like. What is deeper than any formula is left out.
    done: list[list[str]] = [[]]
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    depth = 0
    while stack:
        node, is_end = stack.pop()
        if is_end:
            depth -= 1
            parts = done.pop()
            done[-1].append(_write(node, parts))
        elif node.tag == "-text":
            done[-1].append(_SPACES.sub(" ", (node.text_content or "").translate(_INVISIBLE)))
        elif node.tag not in _LEFT_OUT and depth < _DEEPEST:
            depth += 1
            stack.append((node, True))
            done.append([])
            stack.extend((child, False) for child in reversed(list(node.iter(include_text=_has_text(node)))))
    return _SPACES.sub(" ", "".join(done[0])).strip()


def _has_text(node: LexborNode) -> bool:
    """Whether text in an element is its content, and no space between the elements inside."""
    return node.tag in {"mi", "mn", "mo", "ms", "mtext"}


def _write(node: LexborNode, parts: _Parts) -> str:
    tag = node.tag or ""
    if tag in _WRITERS:
        return _WRITERS[tag](parts)
    text = "".join(parts)
    if tag == "mo":
        sign = text.strip()
        return f" {sign} " if sign in _SPACED else f"{sign} " if sign in {",", ";"} else sign
    if tag == "mn":
        return text.strip()
    if tag == "mfenced":
        opening, closing = node.attributes.get("open") or "(", node.attributes.get("close") or ")"
        return f"{opening}{', '.join(parts)}{closing}"
    return f"{text} " if tag in {"mtr", "mtable"} else text


def _fraction(parts: _Parts) -> str:
    if len(parts) != 2:
        return " ".join(parts)
    # The space before it keeps a whole number apart: 1½ is "1 1/2", and not 11/2.
    return f" {_grouped(parts[0])}/{_grouped(parts[1])} "


def _grouped(text: str) -> str:
    text = text.strip()
    return text if text.isalnum() or re.fullmatch(r"[\w.,]+", text) else f"({text})"


def _raised(parts: _Parts) -> str:
    return _scripts(parts, "", 1)


def _lowered(parts: _Parts) -> str:
    return _scripts(parts, 1, "")


def _both(parts: _Parts) -> str:
    return _scripts(parts, 1, 2)


def _scripts(parts: _Parts, low: int | str, high: int | str) -> str:
    lower = parts[low] if isinstance(low, int) and low < len(parts) else ""
    upper = parts[high] if isinstance(high, int) and high < len(parts) else ""
    base = parts[0].strip() if parts else ""
    # Limits of sums, and marks over letters, are written as such.
    return f"{base}{index(lower)}{power(upper)}"


def _root(parts: _Parts) -> str:
    return f"√{_grouped(''.join(parts))}"


def _nth_root(parts: _Parts) -> str:
    return f"{power(parts[1])}√{_grouped(parts[0])}" if len(parts) == 2 else _root(parts)


def _row(parts: _Parts) -> str:
    return " ".join(part.strip() for part in parts)


_WRITERS: Final[dict[str, Callable[[_Parts], str]]] = {
    "mfrac": _fraction,
    "msup": _raised,
    "mover": _raised,
    "msub": _lowered,
    "munder": _lowered,
    "msubsup": _both,
    "munderover": _both,
    "msqrt": _root,
    "mroot": _nth_root,
    "mtr": lambda parts: f"{_row(parts)}; ",
}
