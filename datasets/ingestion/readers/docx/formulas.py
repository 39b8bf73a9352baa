"""Writes Word's formulas on one line: (a+b)/2, x², √(x+1), ∑_(i=1)^n i."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from chatcms.core.text.safety import normalized
from datasets.ingestion.readers.docx.styles import is_on
from datasets.ingestion.readers.typography import index, is_group, power, superscript

_ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_OVERLINE, _UNDERLINE, _HAT = "\u0305", "\u0332", "\u0302"
# What stands between a function and its argument, or two factors, and is not seen.
_INVISIBLE: Final = dict.fromkeys(range(0x2061, 0x2065), " ")
_LETTERS_OF_FORMULAS: Final = range(0x1D400, 0x1D800)
_NUMBER_SIGNS: Final = frozenset(".,")


@dataclass(slots=True)
class Structure:
    """One structure of a formula: its arguments by their element, each in order, and what is set for it."""

    arguments: dict[str, list[str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def take(self, tag: str, text: str) -> None:
        """Add an argument."""
        self.arguments.setdefault(tag, []).append(text)

    def one(self, tag: str) -> str:
        """Return the first argument of this element, "" if it is empty or missing."""
        return next(iter(self.arguments.get(tag, ())), "").strip()

    def all(self, tag: str) -> list[str]:
        """Return all arguments of this element."""
        return [text.strip() for text in self.arguments.get(tag, ())]

    def setting(self, name: str, usual: str) -> str:
        """Return what is set, `usual` when nothing is."""
        return self.settings.get(name, usual)

    def is_set(self, name: str) -> bool:
        """Whether a setting that is on by being there is on."""
        return name in self.settings and is_on({"val": self.settings[name]})


def plain_letters(text: str) -> str:
    """Return the text with ordinary letters in place of those that Unicode has for formulas: x for 𝑥."""
    if text.isascii():
        return text
    text = text.translate(_INVISIBLE)
    return "".join(normalized("NFKC", one) if ord(one) in _LETTERS_OF_FORMULAS else one for one in text)


def written(tag: str, of: Structure) -> str:
    """Return the structure `tag` on one line."""
    return _WRITERS[tag](of)


def _fraction(of: Structure) -> str:
    above, below = of.one("m:num"), of.one("m:den")
    if of.setting("type", "bar") == "noBar":
        return f"{above} over {below}"
    return f"{_grouped(above)}/{_grouped(below, strictly=True)}"


def _radical(of: Structure) -> str:
    degree = "" if of.is_set("degHide") else of.one("m:deg")
    sign = _ROOTS.get(degree) or f"{superscript(degree)}√"
    return f"{sign}{_grouped(of.one('m:e'), strictly=True)}"


def _raised(of: Structure) -> str:
    return f"{_base(of)}{power(of.one('m:sup'))}"


def _lowered(of: Structure) -> str:
    return f"{_base(of)}{index(of.one('m:sub'))}"


def _both(of: Structure) -> str:
    return f"{_base(of)}{index(of.one('m:sub'))}{power(of.one('m:sup'))}"


def _before(of: Structure) -> str:
    return f"{index(of.one('m:sub'))}{power(of.one('m:sup'))}{_base(of)}"


def _operator(of: Structure) -> str:
    below = "" if of.is_set("subHide") else index(of.one("m:sub"))
    above = "" if of.is_set("supHide") else power(of.one("m:sup"))
    return f"{of.setting('chr', '∫')}{below}{above} {of.one('m:e')}"


def _brackets(of: Structure) -> str:
    inside = of.setting("sepChr", "|").join(of.all("m:e"))
    return f"{of.setting('begChr', '(')}{inside}{of.setting('endChr', ')')}"


def _function(of: Structure) -> str:
    argument = of.one("m:e")
    gap = "" if argument.startswith(("(", "[", "{")) else " "
    return f"{of.one('m:fName')}{gap}{argument}"


def _limit(of: Structure, mark: Callable[[str], str]) -> str:
    return f"{of.one('m:e')}{mark(of.one('m:lim'))}"


def _accent(of: Structure) -> str:
    return f"{_grouped(of.one('m:e'))}{of.setting('chr', _HAT)}"


def _bar(of: Structure) -> str:
    line = _OVERLINE if of.setting("pos", "bot") == "top" else _UNDERLINE
    return f"{_grouped(of.one('m:e'))}{line}"


def _matrix(of: Structure) -> str:
    return f"[{'; '.join(of.all('m:mr'))}]"


def _row(of: Structure) -> str:
    return ", ".join(of.all("m:e"))


def _lines(of: Structure) -> str:
    return "\n".join(of.all("m:e"))


def _phantom(of: Structure) -> str:
    is_shown = is_on({"val": of.setting("show", "1")})
    return of.one("m:e") if is_shown else ""


def _base(of: Structure) -> str:
    base = of.one("m:e")
    return base if base.isalnum() or not any(sign in base for sign in "+-−=/ ·×") else _grouped(base)


def _grouped(text: str, *, strictly: bool = False) -> str:
    """Return the text in brackets, unless it is one thing: a number, a name, or in brackets already.

    A number with a letter, as 2x, is one thing above a line, but with `strictly` not below it.
    """
    is_number = all(one.isdecimal() or one in _NUMBER_SIGNS for one in text)
    is_one = is_number or text.isalpha() or (text.isalnum() and not strictly) or is_group(text)
    return text if is_one else f"({text})"


_WRITERS: Final[dict[str, Callable[[Structure], str]]] = {
    "m:f": _fraction,
    "m:rad": _radical,
    "m:sSup": _raised,
    "m:sSub": _lowered,
    "m:sSubSup": _both,
    "m:sPre": _before,
    "m:nary": _operator,
    "m:d": _brackets,
    "m:func": _function,
    "m:limLow": lambda of: _limit(of, index),
    "m:limUpp": lambda of: _limit(of, power),
    "m:acc": _accent,
    "m:bar": _bar,
    "m:m": _matrix,
    "m:mr": _row,
    "m:eqArr": _lines,
    "m:phant": _phantom,
}
STRUCTURES: Final = frozenset(_WRITERS)
ARGUMENTS: Final = frozenset({"m:e", "m:num", "m:den", "m:sub", "m:sup", "m:deg", "m:fName", "m:lim"})
PROPERTIES: Final = frozenset({"m:fPr", "m:radPr", "m:naryPr", "m:dPr", "m:accPr", "m:barPr", "m:phantPr"})
