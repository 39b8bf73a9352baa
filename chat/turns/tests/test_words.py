"""Tests of what a reader gets of a model's text: words, citations, and an honest end."""

from __future__ import annotations

import uuid

import pytest

from bots.enums import NoEvidence
from chat.turns.asks import BotSetup
from chat.turns.engine.words import Words
from chat.turns.events import CitationMade, Delta
from chat.turns.sources import Source

NOT_FOUND = "Not in my papers."
SOURCES = {number: Source(number, uuid.uuid4(), uuid.uuid4(), "rules.pdf", "Thirty days.") for number in (1, 2)}


def _words(no_evidence: str = NoEvidence.SAY_SO, sources: dict[int, Source] = SOURCES) -> Words:
    bot = BotSetup(uuid.uuid4(), "Guide", "m", no_evidence=no_evidence, no_evidence_message=NOT_FOUND)
    return Words(sources, bot)


def _heard(words: Words, text: str) -> list[Delta | CitationMade]:
    return [*(event for letter in text for event in words.feed(letter)), *words.finish()]


def _text(events: list[Delta | CitationMade]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def test_a_citation_comes_after_its_mark() -> None:
    events = [*_words().feed("Thirty days [2]. ")]

    assert events == [Delta("Thirty days [2]. "), CitationMade(SOURCES[2])]


@pytest.mark.parametrize("text", ["", " \n", "[2]", "[1][2].", "…", "- ", "[7]", "**"])
def test_what_says_nothing_is_not_given(text: str) -> None:
    words = _words()

    assert _heard(words, text) == []
    assert not words.has_spoken


@pytest.mark.parametrize("text", ["5", "Yes", "[1] 好", "👍", "№ [2]"])
def test_one_word_number_or_sign_is_an_answer(text: str) -> None:
    words = _words()

    assert _text(_heard(words, text)) == text
    assert words.has_spoken


@pytest.mark.parametrize("text", ["[0]", "[0] They do not say when.", "\n[0]\n"])
def test_a_strict_bot_says_its_own_sentence_for_the_model_that_has_none(text: str) -> None:
    words = _words()

    assert _text(_heard(words, text)) == NOT_FOUND
    assert words.is_admitted


def test_what_was_said_already_is_followed_by_the_sentence() -> None:
    assert _text(_heard(_words(), "It is 5. [0]")) == f"It is 5. \n\n{NOT_FOUND}"


def test_a_bot_that_answers_anyway_keeps_the_models_words() -> None:
    assert _text(_heard(_words(NoEvidence.ANSWER_ANYWAY), "[0] They do not say.")) == "They do not say."
    assert _text(_heard(_words(NoEvidence.ANSWER_ANYWAY), "[0]")) == NOT_FOUND


@pytest.mark.parametrize("text", ["[0] Not when, but how long: thirty days [1].", "Thirty days [1]. [0]"])
def test_who_cites_a_passage_has_an_answer(text: str) -> None:
    words = _words()

    assert NOT_FOUND not in _text(_heard(words, text))
    assert not words.is_admitted


def test_without_passages_marks_are_text() -> None:
    words = _words(sources={})

    assert _text(_heard(words, "[0] and [1] are text")) == "[0] and [1] are text"
    assert not words.is_admitted


@pytest.mark.parametrize(
    "text", ["It is 5. [0] Or so.", "[0] It is 5.", "[2] Yes [0]. [1]", "So [1]. [0]", "[0] So [1]."]
)
def test_how_the_stream_was_cut_makes_no_difference(text: str) -> None:
    words = _words()
    whole = [*words.feed(text), *words.finish()]

    assert _text(_heard(_words(), text)) == _text(whole)
