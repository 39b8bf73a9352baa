"""Text becomes the same terms whether it is in a document or in a question."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection

from datasets.analysis import codes_of, heading_and_text, prepared, terms_sql, without_asking
from datasets.languages import configuration_of
from tenants.models import Tenant


@pytest.fixture
def database(in_acme: Tenant) -> Iterator[None]:
    yield


def terms(text: str, language: str = "english") -> set[str]:
    with connection.cursor() as cursor:
        form = prepared(text, language)
        cursor.execute(
            terms_sql(config="%(config)s::regconfig", text="%(text)s", bare="%(bare)s::text"),
            {"config": configuration_of(language), "text": form.text, "bare": form.bare},
        )
        return {lexeme for lexeme, _ in cursor.fetchall()}


def test_how_often_a_term_occurs_is_counted(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            terms_sql(config="'english'::regconfig", text="'a cat saw cats; the cat ran'", bare="NULL::text")
        )
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
        ("japanese", "東京都の天気", "東京"),
        ("thai", "รับประกันสี่ปี", "รับประกัน"),
        ("korean", "보증기간은", "보증기간"),
        ("german", "Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
        ("german", "Größe, Straße, Ölwechsel", "Groesse Strasse Oelwechsel"),
        ("german", "Groesse und Strasse", "Größe Straße"),
        ("french", "le cœur de l\u2019œuvre", "coeur oeuvre"),
        ("french", "coeur d'oeuvre", "cœur œuvre"),
        ("danish", "Århus og søen", "Aarhus soeen"),
        ("danish", "Aarhus", "Århus"),
        ("spanish", "facturación electrónica del año", "facturacion electronica ano"),
        ("spanish", "facturacion electronica", "facturación electrónica"),
        ("turkish", "ürünlerin ışıkları", "urunlerin isiklari"),
        ("turkish", "IŞIK İSTANBUL", "ışık istanbul"),
        ("turkish", "ISPARTA", "Isparta"),
        ("polish", "zażółć gęślą łódź", "zazolc gesla lodz"),
        ("polish", "zazolc", "zażółć"),
        ("czech", "příliš žluťoučký", "prilis zlutoucky"),
        ("romanian", "\u015fcoala \u0163\u0103rii", "\u0219coala \u021b\u0103rii"),
        ("romanian", "\u0219coala", "scoala"),
        ("greek", "εγγύηση ΚΟΣΤΟΣ", "εγγυηση κόστος"),
        ("russian", "ёлка", "елка"),
        ("ukrainian", "п\u02bcять об\u2019єктів", "п'ять об'єктів"),
        ("arabic", "أسعار الإيجار في المدرسة", "اسعار الايجار في المدرسه"),
        ("arabic", "كتـــاب على", "كتاب علي"),
        ("persian", "می\u200cشود کتاب", "ميشود كتاب"),
        ("hebrew", "שָׁלוֹם", "שלום"),
        ("hindi", "सड़क हँसना", "सडक हंसना"),
        ("arabic", "سنة ٢٠٢٤", "2024"),
        ("english", "ze\u200bro\u2060width and Cafe\u0301", "zerowidth café"),
        ("english", "ＡＢＣ１２３ full width", "ABC123"),
        ("vietnamese", "ho\u00e1 \u0111\u01a1n", "h\u00f3a \u0111\u01a1n"),
    ],
)
def test_a_question_meets_what_was_written(database: None, config: str, written: str, asked: str) -> None:
    found = terms(written, config)

    assert all(terms(word, config) & found for word in asked.split())


def test_vietnamese_words_are_told_apart_by_their_marks(database: None) -> None:
    assert not terms("má", "vietnamese") & terms("mà", "vietnamese")


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("russian", "мой", "мои"), ("japanese", "がき", "かき"), ("vietnamese", "ma", "mả"), ("thai", "ปา", "ป่า")],
)
def test_marks_that_make_another_letter_are_kept(database: None, language: str, one: str, other: str) -> None:
    assert prepared(one, language) != prepared(other, language)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Error E-4711 means a leak.", "e-4711"),
        ("Error E-4711 means a leak.", "E4711"),
        ("Error E4711 means a leak.", "E-4711"),
        ("Replace part 45-22817-B.", "45-22817-b"),
        ("The log shows ERR_CONN_77.", "err_conn_77"),
        ("Fault AX2200/17 is rare.", "ax2200/17"),
        ("Address 0x3F2A is bad.", "0x3f2a"),
    ],
)
def test_a_code_is_found_as_a_whole(database: None, written: str, asked: str) -> None:
    (code,) = codes_of(asked, "english")

    assert code in terms(written)
    assert codes_of(written, "english") == [code]


@pytest.mark.parametrize("near", ["E-4712", "E-471", "F-4711", "E-4711-B"])
def test_a_code_is_not_found_by_its_neighbours(database: None, near: str) -> None:
    assert not set(codes_of("E-4711", "english")) & terms(f"Error {near} means a leak.")


@pytest.mark.parametrize(
    "text", ["version 3.2.1", "3.5 bar", "at 10:30", "12 mm", "e-mail", "1,000 pages", "crate::run"]
)
def test_numbers_and_compounds_are_no_codes(text: str) -> None:
    assert codes_of(text, "english") == []


@pytest.mark.parametrize(
    ("language", "question", "about"),
    [
        ("english", "How much does the A-4711 cost, please?", "A-4711 cost"),
        ("french", "Combien coûte l’abonnement, et qu’est-ce que c’est ?", "coûte abonnement"),
        ("spanish", "¿Cuánto cuesta el garaje?", "cuesta garaje"),
        ("spanish", "cuanto cuesta el garaje", "cuesta garaje"),
        ("turkish", "Garaj ne kadar?", "Garaj"),
        ("german", "Wie viel kostet die Garage?", "kostet Garage"),
        ("hindi", "बैटरी की वारंटी कितने साल की है?", "बैटरी वारंटी साल"),
        ("chinese", "电池的保修期是多长？", "电池的保修期是"),
        ("arabic", "كم سعر الموقف؟", "سعر الموقف"),
        ("german", "Was ist das?", "Was ist das"),
    ],
)
def test_words_that_ask_are_left_out_of_a_question(language: str, question: str, about: str) -> None:
    said = without_asking(question, language)

    assert (
        " ".join(
            "".join(sign if sign.isalnum() or sign == "-" or "\u0900" <= sign <= "\u0dff" else " " for sign in said)
            .replace(" - ", " ")
            .split()
        ).strip(" -")
        == about
    )


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
        ("H₂O in m²", ["h2o", "H", "2", "O", "in", "m2", "m", "2"]),
    ],
)
def test_a_number_set_on_a_number_is_another(text: str, words: list[str]) -> None:
    assert re.findall(r"\w+", prepared(text, "english").text) == words
