"""Brings questions into one spelling, so that those which differ in nothing that matters are equal."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from chatcms.core.text.safety import normalized as in_form

_LONGEST_KEPT = 1000
_INDEXABLE_BYTES = 2000
_MEANING = frozenset("+#%&@")
_ARABIC_MARKS = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_NOTHING = re.compile("['’ʼ`´\u00ad\u200b-\u200f\u2060\ufeff]")
_BREVE = "\u0306"
_DIAERESIS = "\u0308"


def normalized(text: str) -> str:
    """Return the text without case, accents, punctuation and double blanks: questions with the same are the same.

    Accents are those of Latin, Greek and Cyrillic letters (and the vowel marks of Arabic and Hebrew); the marks that
    make another letter (й, が, ि) stay. Signs that mean something (+ # % & @, mathematics, currencies) stay too. Empty
    when there is no letter, digit or such sign. What is too long for an index comes as a digest.
    """
    text = _NOTHING.sub("", text)
    text = in_form("NFKD", in_form("NFKD", text).casefold())
    text = _ARABIC_MARKS.sub("", _without_accents(text))
    kept = "".join(character if _is_kept(character) else " " for character in in_form("NFC", text))
    result = " ".join(kept.split())
    if len(result) > _LONGEST_KEPT or len(result.encode(errors="replace")) > _INDEXABLE_BYTES:
        return blake2b(result.encode(errors="replace"), digest_size=32).hexdigest()
    return result


def _is_kept(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or (
        character in _MEANING or unicodedata.category(character) in {"Sc", "Sm"}
    )


def _without_accents(decomposed: str) -> str:
    kept: list[str] = []
    base = ""
    for character in decomposed:
        if "\u0300" <= character <= "\u036f":
            if "\u0400" <= base <= "\u04ff" and not _is_mere_accent(base, character):
                kept.append(character)
            continue
        base = character
        kept.append(character)
    return "".join(kept)


def _is_mere_accent(base: str, mark: str) -> bool:
    """Stress marks, and the dots that ё is mostly written without; й, ї and ў are letters of their own."""
    return mark != _BREVE and (mark != _DIAERESIS or base == "е")
