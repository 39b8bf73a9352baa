"""Text becomes the same terms whether it is in a document or in a question."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection

from datasets.analysis import heading_and_text, prepared, terms_sql
from tenants.models import Tenant


@pytest.fixture
def database(in_acme: Tenant) -> Iterator[None]:
    yield


def terms(text: str, config: str = "english") -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            terms_sql(config="%(config)s::regconfig", text="%(text)s"), {"config": config, "text": prepared(text)}
        )
        return {lexeme for lexeme, _ in cursor.fetchall()}


def test_how_often_a_term_occurs_is_counted(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(terms_sql(config="'english'::regconfig", text="'a cat saw cats; the cat ran'"))
        assert dict(cursor.fetchall()) == {"cat": 3, "saw": 1, "ran": 1}


@pytest.mark.parametrize("question", ["combined executor", "CombinedExecutor", "crate::executors::CombinedExecutor"])
def test_identifiers_are_found_by_their_parts(database: None, question: str) -> None:
    assert terms(question) & terms("pub struct CombinedExecutor {") >= {"combin", "executor"}


def test_a_compound_is_found_whole_too(database: None) -> None:
    assert "parseurl" in terms("parseURL") & terms("call parseURL() first")


@pytest.mark.parametrize(
    ("config", "written", "asked"),
    [
        ("french", "un résumé détaillé", "resume detaille"),
        ("german", "größere Geräte", "Größeres Gerät"),
        ("arabic", "دفاع بانثرز؟", "بانثرز"),
        ("arabic", "كَتَبَ", "كتب"),
        ("english", "the ﬁrst oﬃce", "first office"),
        ("simple", "東京都の天気", "東京"),
        ("simple", "รับประกันสี่ปี", "รับประกัน"),
        ("simple", "보증기간은", "보증기간"),
    ],
)
def test_a_question_meets_what_was_written(database: None, config: str, written: str, asked: str) -> None:
    assert terms(asked, config) <= terms(written, config)


def test_vietnamese_words_are_told_apart_by_their_marks(database: None) -> None:
    assert not terms("má", "simple") & terms("mà", "simple")


def test_headings_are_searched_with_the_text_but_not_twice() -> None:
    assert heading_and_text("Handbook › Returns", "Within 30 days.") == "Handbook\nReturns\nWithin 30 days."
    assert heading_and_text("Returns", "## Returns\nWithin 30 days.") == "## Returns\nWithin 30 days."
    assert heading_and_text("", "Within 30 days.") == "Within 30 days."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("49¹ euros", ["49", "1", "euros"]),
        ("10⁵ newtons", ["10", "5", "newtons"]),
        ("101₂", ["101", "2"]),
        ("1½ cups", ["1", "1", "2", "cups"]),
        ("5① first", ["5", "1", "first"]),
        ("H₂O in m²", ["H2O", "in", "m2"]),
    ],
)
def test_a_number_set_on_a_number_is_another(text: str, words: list[str]) -> None:
    assert re.findall(r"\w+", prepared(text)) == words
