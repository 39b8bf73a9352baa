"""Prepares text for lexical search, and says in SQL how it becomes terms: one definition for chunks and questions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chatcms.core.text.safety import normalized
from datasets import askingwords, languages
from datasets.blocks import SECTION_SEPARATOR
from datasets.folding import ACCENTED, UNACCENTED, folded, plain, unmarked

# Raised by whatever makes other terms of the same text, or gives a language another model; documents of an earlier
# version are brought up to date by a job.
VERSION = 3

# Scripts without spaces between words, and Hangul, whose words carry particles: pairs of characters are their terms.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+"
)
# CombinedExecutor, parseURL, snake_case, docs.example.com, either/or: found by their parts as well as whole.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LATER_PART = re.compile(r"(?<=[A-Za-z0-9])[A-Z][a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINT = re.compile(r"(?<=[^\W\d])[./:_\-](?=[^\W\d])")


# Not a letter of a code or an address: "vitamin A" may lose it, "A-4711" must not.
_LETTERS = re.compile(
    r"(?<![\w@./:_])(?<!\d-)[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff])*(?![\w@/_\u0900-\u0dff]|-\d|[.:]\w)"
)
_SAID = re.compile(r"[^\W_]")
_ASKING_UNSPACED = re.compile("|".join(sorted(askingwords.UNSPACED.split(), key=len, reverse=True)))
# E-4711, 45-22817-B, F0312, ERR_77, AX2200/17: a code, with a digit in it; dates and ranges are taken for one as well.
_CODE = re.compile(r"(?<![^\W_])(?<!\d[.,])[A-Za-z0-9]+(?:[-_/:.][A-Za-z0-9]+)*(?![^\W_]|[.,]\d)")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\A(?:\d+(?:[.:]\d+)+|\d{1,2})\Z")
_SEPARATORS = re.compile(r"[-_/:.]")
_OF_LETTERS_OR_DIGITS = re.compile(r"[A-Za-z]+|\d+")
_LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text as `to_tsvector` should see it: with its accents, and without them where that is another text.

    Both are analysed. Rules of grammar go by accents ("facturación" is about "factur"), and people leave them out
    ("facturacion"): what is written either way is found by what is asked either way.
    """

    text: str
    bare: str | None


def prepared(text: str, language: str) -> Prepared:
    """Fold the spellings of `text`, in a language of `datasets.languages`, split its compounds and codes, and put
    scripts without spaces in pairs.
    """
    marked = plain(text, language)
    bare = unmarked(marked, language)
    if marked == bare or languages.configuration_of(language) == languages.SIMPLE:
        return Prepared(_split(bare), None)
    return Prepared(_split(marked), _split(bare))


def _split(text: str) -> str:
    text = _CODE.sub(_code, text)
    text = _JOINT.sub(" ", text)
    text = _WORD.sub(_parts, text)
    return _UNSPACED.sub(_pairs, text)


def without_asking(question: str, language: str) -> str:
    """Return a question without the words by which people ask in its language, unless it has no others."""
    words = _asking_words(language)
    about = _ASKING_UNSPACED.sub(" ", normalized("NFC", question))
    about = _LETTERS.sub(lambda match: " " if folded(match[0], language).lower() in words else match[0], about)
    return about if _SAID.search(about) else question


@lru_cache(maxsize=64)
def _asking_words(language: str) -> frozenset[str]:
    return frozenset(folded(askingwords.WORDS.get(language, ""), language).lower().split())


def codes_of(question: str, language: str) -> list[str]:
    """Return the lexemes of the codes that a question names: letters with digits, and numbers of three digits."""
    found = (_code_lexeme(match[0]) for match in _CODE.finditer(folded(question, language)))
    return list(dict.fromkeys(code for code in found if code))


def _code_lexeme(written: str) -> str:
    """Return the lexeme of a code as a whole, nothing for what is a word, a version, a time or a short number."""
    if not _DIGIT.search(written) or _NUMBER.fullmatch(written):
        return ""
    whole = _SEPARATORS.sub("", written).lower()
    return whole if 2 <= len(whole) <= _LONGEST_CODE else ""


def _code(match: re.Match[str]) -> str:
    """Put a code without what separates its parts before the parts: "E-4711" is "e4711 E 4711"."""
    whole = _code_lexeme(match[0])
    parts = _OF_LETTERS_OR_DIGITS.findall(match[0]) if whole else []
    # The blank keeps it apart from "https://", which PostgreSQL would take it together with.
    return f" {whole} {' '.join(parts)}" if len(parts) > 1 else match[0]


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


def lexeme_sql(lexeme: str) -> str:
    """Return the SQL expression for a lexeme without accents: they are left out once words are stemmed.

    "simple" is for languages without accents by then, and for one that tells words apart by them.
    """
    return f"translate({lexeme}, '{ACCENTED}', '{UNACCENTED}')"


def terms_sql(*, config: str, text: str, bare: str) -> str:
    """Return a SQL query for the terms of a prepared text: rows of `lexeme` and `tf` (how often it occurs).

    `config`, `text` and `bare` are SQL expressions.
    """
    lexeme = f"CASE WHEN {config} = 'simple'::regconfig THEN t.lexeme ELSE {lexeme_sql('t.lexeme')} END"
    return (
        "SELECT lexeme, max(tf)::int AS tf FROM ("  # noqa: S608 - expressions of ours
        f"SELECT {lexeme} AS lexeme, sum(coalesce(cardinality(t.positions), 1)) AS tf "
        f"FROM unnest(to_tsvector({config}, {text})) AS t GROUP BY 1 UNION ALL "
        f"SELECT t.lexeme, coalesce(cardinality(t.positions), 1) FROM unnest(to_tsvector({config}, {bare})) AS t"
        ") AS both_ways GROUP BY lexeme"
    )


def term_sql(*, dataset: str, lexeme: str) -> str:
    """Return the SQL expression for the number that stands for a lexeme of a dataset in the postings."""
    return f"hashtextextended({dataset}::text || ' ' || {lexeme}, 0)"
