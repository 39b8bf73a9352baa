"""The kind of a message comes before evidence: what asks nothing of documents is known by its words."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bots.enums import NoEvidence
from chat.turns.asks import Ask, BotSetup, Wants
from chat.turns.engine.evidence import fixed_answer, not_confirmed
from chat.turns.engine.followups import earlier_questions, merged, wordings_of
from chat.turns.engine.manners import heard_in, language_of, own_words
from chat.turns.engine.speech import Kind, hear, say, tongue_of
from chat.turns.engine.speech.phrasebook import languages
from chat.turns.services.search import language_of_documents
from chat.turns.sources import Source
from datasets.languages import BY_CODE
from datasets.types import SearchPlan
from providers.messages import ImagePart, Message
from providers.types import ModelInfo

MESSAGES = Path(__file__).resolve().parents[3] / "benchmarks" / "messages.tsv"
ROWS = [line.split("\t") for line in MESSAGES.read_text("utf-8").splitlines()[1:]]
QUESTION = "question"
SENTENCES = {
    "greeting", "thanks", "goodbye", "ack", "bot", "asked", "say_so", "ask_back", "handoff", "not_confirmed", "lead",
    "nothing",
}  # fmt: skip
SPOKEN = sorted(code for code, one in languages().items() if one.said)


def ask(question: str, *history: Message, **more: Any) -> Ask:
    bot = BotSetup(id=uuid.uuid4(), name="Guide", model="local")
    return Ask(question=question, bot=bot, model=ModelInfo("local"), history=history, **more)


def said(text: str) -> Message:
    return Message.of("user", text)


@pytest.mark.parametrize("half", ["tuned", "held"])
def test_short_messages_are_taken_for_what_they_are_and_questions_for_questions(half: str) -> None:
    rows = [row for row in ROWS if row[0] == half]
    short = [hear(text) is not None for _, _, kind, text in rows if kind != QUESTION]
    questions = [hear(text) is not None for _, _, kind, text in rows if kind == QUESTION]

    assert sum(short) / len(short) >= 0.97
    assert sum(questions) / len(questions) <= 0.01


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hiiii!!!", Kind.GREETING),
        ("Hi, good morning! 👋", Kind.GREETING),
        ("Hello Anna", Kind.GREETING),
        ("Hallo Frau Müller", Kind.GREETING),
        ("thansk", Kind.THANKS),
        ("ok thanks a lot, have a nice day", Kind.GOODBYE),
        ("Tschuess", Kind.GOODBYE),
        ("spasibo", Kind.THANKS),
        ("👍", Kind.ACKNOWLEDGEMENT),
        ("🙏", Kind.THANKS),
        ("Es-tu un robot ?", Kind.BOT),
        ("waht can you do", Kind.BOT),
        ("Can you repeat that?", Kind.REPEAT),
        ("What did I just ask?", Kind.ASKED),
        ("yes", Kind.REPLY),
    ],
)
def test_it_is_heard_however_it_is_written(text: str, kind: Kind) -> None:
    heard = hear(text)
    assert heard is not None
    assert heard.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "Hi, what does the garage cost?", "Hi-Fi", "Hello, Anna, when are you open?", "Thank-you card sizes?",
        "good night tea", "What price?", "Thanks, price?", "Can you repeat an order?", "why", "tell me more",
        "I want to talk to a person", "x" * 500, "hi " * 100 + "warranty",
    ],
)  # fmt: skip
def test_a_question_inside_a_greeting_is_a_question(text: str) -> None:
    assert hear(text) is None


def test_a_bot_may_be_called_by_its_name() -> None:
    assert hear("hi rover, thanks") is None
    assert hear("hi rover, thanks", name="Rover") is not None


def test_yes_is_a_question_after_one_and_small_talk_alone() -> None:
    assert heard_in(ask("Yes")) is not None
    assert heard_in(ask("Yes", said("What does a ticket cost?"))) is None


def test_what_comes_with_a_picture_is_no_small_talk() -> None:
    assert heard_in(ask("Hi", wants=Wants(parts=(ImagePart(url="https://x.example/a.png"),)))) is None


@pytest.mark.parametrize("code", SPOKEN)
def test_a_language_has_all_sentences_and_answers_thanks_in_itself(code: str) -> None:
    assert set(languages()[code].said) == SENTENCES
    thanks = next(row[3] for row in ROWS if row[1] == code and row[2] == "thanks" and hear(row[3]) is not None)
    asked = ask(thanks)
    assert own_words(replace(asked, language=code), heard_in(asked)).reply == say("thanks", code)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wer ist der Chef?", "de"), ("¿Quién es el director?", "es"), ("Qui est le directeur ?", "fr"),
        ("Genel müdür kim ve nerede?", "tr"), ("من هو المدير؟", "ar"), ("مدیر عامل کیست و قیمت چیست؟", "fa"),
        ("社長は誰ですか？", "ja"), ("总经理是谁？", "zh"), ("대표가 누구예요?", "ko"),
        ("Хто директор і скільки коштує?", "uk"),
        ("Кто директор?", "ru"), ("Kto jest prezesem?", "pl"), ("Ποιος είναι ο διευθυντής;", "el"),
    ],
)  # fmt: skip
def test_refusals_come_in_the_language_asked(question: str, language: str) -> None:
    asked = ask(question)
    assert tongue_of(question) == language
    assert fixed_answer(asked.bot, language_of(asked, None)) == say("say_so", language)


def test_where_a_question_does_not_tell_its_language_the_conversation_does_then_the_documents() -> None:
    assert language_of(ask("ZX-81?", said("Wer ist der Chef?")), None) == "de"
    assert language_of(ask("ZX-81?", language="pl"), None) == "pl"
    assert language_of(ask("ZX-81?"), None) == "en"


def test_a_bots_own_refusal_stays_as_written() -> None:
    bot = replace(ask("x").bot, no_evidence=NoEvidence.HANDOFF, no_evidence_message="Call Ann.")
    assert fixed_answer(bot, "de") == "Call Ann."


def test_what_is_not_confirmed_is_told_in_the_language_asked() -> None:
    assert not_confirmed(["Kette"], "de").endswith("für “Kette”.")


def test_the_built_in_answerer_says_what_was_asked_and_repeats_itself() -> None:
    history = (said("What does a ticket cost?"), Message.of("assistant", "Five euros."), said("Thanks!"))
    what, again = ask("What did I just ask?", *history), ask("Can you repeat that?", *history)
    assert "What does a ticket cost?" in own_words(what, heard_in(what)).reply
    assert own_words(again, heard_in(again)).reply == "Five euros."


def test_a_short_question_goes_on_from_those_before_and_not_from_thanks() -> None:
    asked = ask("And for four?", said("What does a ticket cost?"), said("And for two?"), said("Thanks!"))
    assert earlier_questions(asked) == ("What does a ticket cost?", "And for two?")
    assert wordings_of(asked) == ("What does a ticket cost?\nAnd for two?\nAnd for four?", "And for four?")


def test_what_both_wordings_find_on_the_subject_comes_first_and_each_list_has_its_turn() -> None:
    one, two, three, four, five = (
        Source(1, uuid.UUID(int=n), uuid.UUID(int=9), "a.txt", f"Text {n}") for n in range(1, 6)
    )
    lists = [[one, two, three], [four, two, five]]
    assert [each.text for each in merged(lists, 4, on_subject={two.chunk_id})] == [
        "Text 2",
        "Text 1",
        "Text 4",
        "Text 3",
    ]
    assert [each.number for each in merged(lists, 4)] == [1, 2, 3, 4]
    assert merged([[one, two]], 1) == (one,)


@pytest.mark.parametrize("code", SPOKEN)
def test_a_bot_speaks_the_language_of_its_documents_by_the_name_that_datasets_give_it(code: str) -> None:
    plan = SearchPlan(languages={"english": 1, BY_CODE[code]: 3})

    assert language_of_documents(plan) == code


@pytest.mark.parametrize(("message", "code"), [("Merhaba", "tr"), ("Selam", "tr"), ("مرحبا", "ar")])
def test_a_greeting_of_several_languages_is_answered_in_the_one_with_its_letters(message: str, code: str) -> None:
    asked = ask(message)

    assert language_of(asked, heard_in(asked)) == code
