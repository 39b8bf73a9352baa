"""Tells what an answer takes over from its question although none of its passages speaks of it.

A model that is small answers "How often must the chain be oiled?" from passages on a belt: "The chain must be oiled
every 500 km." The words that question and answer share are what the answer is about. One passage has to speak of all of
them, sentence by sentence; the words that it lacks are what nothing confirms. Measured with a model of half a billion
parameters and the sample guide: `examples/llamacpp/run.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from django.db import connection

from datasets import languages
from datasets.analysis import prepared, terms_sql
from datasets.types import SearchPlan

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_MOST_WORDS = 60
_BEGINNING = 3  # letters that all forms of a word share, nearly always
_SHORTEST_ALIKE = 5
_ALIKE = 0.75
_MOST_SENTENCES = 40
# Words that say nothing of a thing, besides those that PostgreSQL leaves out.
_GENERAL = frozenset(
    _WORD.findall(
        """must may might shall should could would need want take get give make use let do much many long far often
        know tell find happen mean like look work go come new within without one two three four five six seven eight
        nine ten"""
    )
)
_TERMS = f"""
SELECT t.i, t2.lexeme FROM unnest(%(texts)s::text[], %(bare)s::text[]) WITH ORDINALITY AS t (text, bare, i),
LATERAL ({terms_sql(config="%(config)s::regconfig", text="t.text", bare="t.bare")}) AS t2"""  # noqa: S608 - built from constants


def may_be_unconfirmed(question: str, answer: str, passages: Sequence[str]) -> bool:
    """Say whether `unconfirmed_words` may find any; without the database, and by far most answers need none.

    A word that an answer may have taken from its question, in whatever form, is one that begins alike. Where a passage
    has all of them just as they were asked, no rules of grammar are needed to see that it speaks of them.
    """
    asked = {word for word in _WORD.findall(question.lower()) if word not in _GENERAL}
    held = [set(_WORD.findall(passage.lower())) for passage in passages]
    for sentence in _SENTENCE_END.split(answer.lower()):
        said = {word[:_BEGINNING] for word in _WORD.findall(sentence)}
        shared = {word for word in asked if word[:_BEGINNING] in said}
        if shared and not any(shared <= words for words in held):
            return True
    return False


def unconfirmed_words(
    plan: SearchPlan, question: str, answer: str, passages: Sequence[str], *, known: str = ""
) -> tuple[str, ...]:
    """Return the words of `question` that `answer` says together though no one of `passages` does; in the order asked.

    `known` is a text whose words need no passage, such as the bot's instructions. Nothing where the question's language
    is not the documents': then no words can be compared. One query.
    """
    language = languages.main_language(plan.languages)
    if (
        languages.configuration_of(language) == languages.SIMPLE
        or (languages.detect_question(question) or language) != language
    ):
        return ()
    words = list(dict.fromkeys(_WORD.findall(question)))[:_MOST_WORDS]
    sentences = _SENTENCE_END.split(answer)[:_MOST_SENTENCES]
    terms = _terms([*words, known, *passages, *sentences], language)
    of_words = {
        word: found
        for word, found in zip(words, terms, strict=False)
        if found and not word.isdigit() and word.lower() not in _GENERAL and not found <= terms[len(words)]
    }
    first_passage = len(words) + 1
    of_passages = terms[first_passage : first_passage + len(passages)]
    missing = {
        word for said in terms[first_passage + len(passages) :] for word in _lacking(of_words, said, of_passages)
    }
    return tuple(word for word in words if word in missing)


def _lacking(words: dict[str, set[str]], said: set[str], passages: Sequence[set[str]]) -> set[str]:
    """Return which of the words that a sentence says the passages lack that hold most of them."""
    shared = {word: found for word, found in words.items() if found <= said}
    lacking = [
        [word for word, found in shared.items() if not all(_is_held(lexeme, passage) for lexeme in found)]
        for passage in passages
    ]
    fewest = min(map(len, lacking), default=0)
    return {word for words_lacking in lacking if len(words_lacking) == fewest for word in words_lacking}


def _is_held(lexeme: str, passage: set[str]) -> bool:
    """Say whether a passage has the word or one that begins alike: stemmers part *warranty* from *warranted*."""
    if lexeme in passage:
        return True
    if len(lexeme) < _SHORTEST_ALIKE or any(map(str.isdigit, lexeme)):
        return False
    beginning = lexeme[: math.ceil(len(lexeme) * _ALIKE)]
    return any(other.startswith(beginning) for other in passage)


def _terms(texts: Sequence[str], language: str) -> list[set[str]]:
    found: list[set[str]] = [set() for _ in texts]
    forms = [prepared(text, language) for text in texts]
    values: dict[str, Any] = {
        "texts": [form.text for form in forms],
        "bare": [form.bare for form in forms],
        "config": languages.configuration_of(language),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, values)
        for place, lexeme in cursor.fetchall():
            found[place - 1].add(lexeme)
    return found
