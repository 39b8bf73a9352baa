"""What an answer takes over from its question although no passage speaks of it."""

from __future__ import annotations

import itertools

import pytest

from datasets.support import may_be_unconfirmed, unconfirmed_words
from datasets.types import SearchPlan

GUIDE = (
    "Service\nThe belt must never be oiled. Wash it with water. Replace the carbon belt every 8,000 km.",
    "Battery\nThe battery is warranted for four years. If it lies empty for two months it is damaged.",
    "Error codes\nE02: the speed sensor does not answer. E07: the battery is too cold. The frame number is below.",
)
LEITFADEN = (
    "Wartung\nDer Riemen darf nie geölt werden. Er wird alle 8.000 km ersetzt.",
    "Akku\nDer Akku hat vier Jahre Garantie.",
)


def plan(**languages: int) -> SearchPlan:
    return SearchPlan(languages=languages)


def unconfirmed(question: str, answer: str, *, known: str = "") -> tuple[str, ...]:
    return unconfirmed_words(plan(english=3), question, answer, GUIDE, known=known)


@pytest.mark.django_db
class TestUnconfirmedWords:
    @pytest.mark.parametrize(
        ("question", "answer", "words"),
        [
            ("How often must the chain be oiled?", "The chain must be oiled every 8,000 km.", ("chain",)),
            ("What does E23 mean?", "E23 means that the speed sensor does not answer.", ("E23",)),
            ("Which sensor is in model X-500?", "The model X-500 has a speed sensor.", ("model", "X-500")),
            ("How long is the warranty on the frame?", "The warranty on the frame is 4 years.", ("warranty", "frame")),
            ("When is replacing the battery due?", "Replacing the battery: 8,000 km.", ("replacing", "battery")),
            ("How do I pair it with my phone?", "1. Wash it.\n2. Pair it with your phone.", ("pair", "phone")),
        ],
    )
    def test_what_no_passage_speaks_of_is_named(self, question: str, answer: str, words: tuple[str, ...]) -> None:
        assert unconfirmed(question, answer) == words

    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("How often is the belt replaced?", "The belt must be replaced every 8,000 km."),
            ("What colour is the battery?", "It is cold."),
            ("How long is the battery under warranty?", "The battery is under warranty for four years."),
            ("Do batteries need oiling?", "No."),
            (
                "How long is the warranty, and when is the belt replaced?",
                "The warranty is 4 years. The belt: 8,000 km.",
            ),
            ("What happens within three months?", "Within three months it is damaged."),
            ("", ""),
            ("¿?", "…"),
        ],
    )
    def test_what_one_passage_speaks_of_is_confirmed(self, question: str, answer: str) -> None:
        assert unconfirmed(question, answer) == ()

    def test_what_the_bot_is_told_needs_no_passage(self) -> None:
        question, answer = "Does Fjord replace the belt?", "Fjord replaces the belt every 8,000 km."

        assert unconfirmed(question, answer) == ("Fjord",)
        assert unconfirmed(question, answer, known="You work for Fjord Bikes.") == ()

    def test_other_languages_are_read_by_their_own_rules(self) -> None:
        german = plan(german=2)
        oiled = unconfirmed_words(
            german, "Wie oft wird die Kette geölt?", "Die Kette wird alle 8.000 km geölt.", LEITFADEN
        )
        replaced = unconfirmed_words(
            german, "Wann wird der Riemen ersetzt?", "Der Riemen wird alle 8.000 km ersetzt.", LEITFADEN
        )

        assert (oiled, replaced) == (("Kette",), ())

    def test_a_question_in_another_language_than_the_documents_is_not_judged(self) -> None:
        question, answer = "Wie oft wird die Kette geölt?", "Die Kette wird alle 8.000 km geölt."

        assert unconfirmed_words(plan(english=3, german=1), question, answer, GUIDE) == ()
        assert unconfirmed_words(plan(simple=3), "chain?", "chain", GUIDE) == ()


@pytest.mark.parametrize(
    ("question", "answer", "may_be"),
    [
        ("May the belt be oiled?", "The belt must never be oiled.", False),
        ("Is the belt oiled?", "The belt is not oiled.", True),
        ("Is the chain oiled?", "Oiling the chain is not needed.", True),
        ("Is the warranty for the belt?", "The warranty is for the belt.", True),
        ("What does E23 mean?", "E23 is unknown.", True),
        ("Is it?", "Nobody knows.", False),
        ("", "Nobody knows.", False),
    ],
)
def test_what_a_passage_says_word_for_word_is_not_looked_up(question: str, answer: str, may_be: bool) -> None:
    assert may_be_unconfirmed(question, answer, GUIDE) is may_be


@pytest.mark.django_db
def test_what_is_found_was_suspected() -> None:
    """Wherever words are found to be unconfirmed, the look before had said that they may be."""
    answers = ("The chain must be oiled.", "The warranty on the frame is 4 years.", "Replacing the battery: 8,000 km.")
    questions = (
        "How often must the chain be oiled?",
        "How long is the warranty on the frame?",
        "When do I replace it?",
    )
    for question, answer in itertools.product(questions, answers):
        if unconfirmed(question, answer):
            assert may_be_unconfirmed(question, answer, GUIDE)
