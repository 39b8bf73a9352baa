"""Writes raised, lowered, annotated and linked text on one line, so that no number or word runs into another."""

from __future__ import annotations

from typing import Final

_RAISED: Final = str.maketrans("0123456789+-−=()ni∘", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ°")
_LOWERED: Final = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SIGNS: Final = frozenset("0123456789+-−=∘")
# Between the marks of several notes, as in "49¹, ²".
_BETWEEN: Final = frozenset(", ;–*†‡§")
_LONGEST_ORDINAL: Final = 3
# A whole sentence that is set small is a sentence, and no exponent.
_LONGEST_SCRIPT: Final = 40
_LINKED: Final = ("http://", "https://", "mailto:", "tel:", "ftp://")
_BARE: Final = ("mailto:", "tel:")
_LONGEST_TARGET: Final = 500


def superscript(text: str) -> str:
    """Return raised text as it is to follow what is before it: "5" as "⁵", "th" as it is, "k+1" as "^(k+1)"."""
    return _script(text, _RAISED, "^")


def subscript(text: str) -> str:
    """Return lowered text as it is to follow what is before it: "2" as "₂", "max" as it is, "i,2" as "_(i,2)"."""
    return _script(text, _LOWERED, "_")


def power(text: str) -> str:
    """Return an exponent of a formula: "2" as "²", "a" as "^a", "a+b" as "^(a+b)"."""
    return _formula_script(text, _RAISED, "^")


def index(text: str) -> str:
    """Return an index of a formula: "2" as "₂", "max" as "_max", "i=1" as "_(i=1)"."""
    return _formula_script(text, _LOWERED, "_")


def is_group(text: str) -> bool:
    """Whether the text is one pair of brackets with what is inside."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def annotated(base: str, annotation: str) -> str:
    """Return a word with how it is read, as ruby sets it above: "漢字(かんじ)"."""
    base, annotation = base.strip(), annotation.strip()
    return f"{base}({annotation})" if base and annotation else base or annotation


def linked(text: str, target: str) -> str:
    """Return the text of a link with its target behind it, unless the text shows it or nobody could follow it."""
    target = target_beside(text, target)
    kept = text.rstrip()
    return f"{kept} ({target}){text[len(kept) :]}" if target else text


def target_beside(text: str, target: str) -> str:
    """Return the target as it is to be shown beside the text of its link, "" where it is not."""
    target = target.strip()
    if not target.lower().startswith(_LINKED) or len(target) > _LONGEST_TARGET:
        return ""
    for scheme in _BARE:
        target = target.removeprefix(scheme)
    bare = target.split("://", 1)[-1].rstrip("/")
    return target if text.strip() and bare and bare not in text else ""


def _script(text: str, table: dict[int, int], mark: str) -> str:
    body = text.strip()
    if not body:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if len(body) > _LONGEST_SCRIPT:
        return f" {body} "
    if _SIGNS.issuperset(body) or (_SIGNS | _BETWEEN).issuperset(body) or body in {"n", "i"}:
        body = body.translate(table)
    elif not (_stands_apart(body) or (body.isalpha() and (mark == "_" or len(body) <= _LONGEST_ORDINAL))):
        body = f"{mark}({body})"
    return f"{before}{body}{after}"


def _stands_apart(body: str) -> bool:
    """Whether brackets, or no letter or digit at all, keep the text from running into what is before it."""
    return (body[0] in "[(" and body[-1] in "])") or not any(map(str.isalnum, body))


def _formula_script(text: str, table: dict[int, int], mark: str) -> str:
    body = text.strip()
    if not body or _SIGNS.issuperset(body):
        return body.translate(table)
    return f"{mark}{body}" if body.isalnum() or len(body) == 1 or is_group(body) else f"{mark}({body})"
