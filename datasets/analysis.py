"""Prepares text for lexical search, and says in SQL how it becomes terms: one definition for chunks and questions."""

from __future__ import annotations

import re
import unicodedata

from chatcms.core.text import normalized
from datasets.ingestion.base import SECTION_SEPARATOR

# Scripts without spaces between words, and Hangul, whose words carry particles: pairs of characters are their terms.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+"
)
# CombinedExecutor, parseURL, snake_case, docs.example.com, either/or: found by their parts as well as whole.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LATER_PART = re.compile(r"(?<=[A-Za-z0-9])[A-Z][a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Normal forms make plain digits of these: the note in 49¹ would make it 491, and the half in 1½ make it 11.
_NUMBER_ON_NUMBER = re.compile(r"(?<=\d)(?=[²³¹¼½¾⁰-⁹₀-₉⅐-⅟↉①-⒛])")
_JOINT = re.compile(r"(?<=[^\W\d])[./:_\-](?=[^\W\d])")


class _Cleaner(dict[int, int | None]):
    """Blanks punctuation and symbols beyond ASCII, which PostgreSQL's parser would glue to words; drops vowel marks."""

    def __missing__(self, codepoint: int) -> int | None:
        category = unicodedata.category(chr(codepoint))
        value: int | None = codepoint
        if 0x64B <= codepoint <= 0x65F or codepoint in {0x670, 0x640}:
            value = None
        elif codepoint > 0x7F and category[0] in "PSZC":
            value = 0x20
        self[codepoint] = value
        return value


_clean = _Cleaner()


def prepared(text: str) -> str:
    """Return `text` as `to_tsvector` should see it: normalised, compounds split, unspaced scripts in pairs."""
    text = normalized("NFKC", _NUMBER_ON_NUMBER.sub(" ", text)).translate(_clean)
    text = _JOINT.sub(" ", text)
    text = _WORD.sub(_parts, text)
    return _UNSPACED.sub(_pairs, text)


def _parts(match: re.Match[str]) -> str:
    """Put the parts of a compound after it; what follows its last part stays where it is."""
    word = match[0]
    end = max((part.end() for part in _LATER_PART.finditer(word)), default=0)
    return f"{word[:end]} {_HUMP.sub(' ', word[:end])}{word[end:]}" if end else word


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    if len(run) == 1:
        return f" {run} "
    return f" {' '.join(run[index : index + 2] for index in range(len(run) - 1))} "


def heading_and_text(section: str, text: str) -> str:
    """Return what of a chunk is searched: its headings, save those that it begins with, and its text."""
    begin = text.lstrip("#* \t\n")
    headings = [heading for heading in section.split(SECTION_SEPARATOR) if heading and not begin.startswith(heading)]
    return "\n".join([*headings, text])


def _accents() -> tuple[str, str]:
    """Return Latin letters with an accent and the letters they become, for SQL's `translate`."""
    accented, plain = [], []
    for codepoint in (*range(0xDF, 0x250), *range(0x1E00, 0x1F00), 0x451):
        letter = chr(codepoint)
        parts = normalized("NFD", letter)
        if len(parts) > 1 and letter == letter.lower() and all(map(unicodedata.combining, parts[1:])):
            accented.append(letter)
            plain.append(parts[0])
    for letter, other in zip("øđłı", "odli", strict=True):
        accented.append(letter)
        plain.append(other)
    return "".join(accented), "".join(plain)


ACCENTED, PLAIN = _accents()


def terms_sql(*, config: str, text: str) -> str:
    """Return a SQL query for the terms of a text: rows of `lexeme` and `tf` (how often it occurs).

    `config` and `text` are SQL expressions. Accents are folded after stemming, since stemmers need them, and not
    for "simple": its languages, Vietnamese for one, tell words apart by them (measured: .96 falls to .94).
    """
    folded = f"translate(t.lexeme, '{ACCENTED}', '{PLAIN}')"
    lexeme = f"CASE WHEN {config} = 'simple'::regconfig THEN t.lexeme ELSE {folded} END"
    return (
        f"SELECT {lexeme} AS lexeme, sum(coalesce(cardinality(t.positions), 1))::int AS tf "  # noqa: S608 - constants
        f"FROM unnest(to_tsvector({config}, {text})) AS t GROUP BY 1"
    )


def term_sql(*, dataset: str, lexeme: str) -> str:
    """Return the SQL expression for the number that stands for a lexeme of a dataset in the postings."""
    return f"hashtextextended({dataset}::text || ' ' || {lexeme}, 0)"
