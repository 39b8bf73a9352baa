"""A text's language is found where it changes how the text is searched."""

from __future__ import annotations

import pytest

from datasets.languages import LANGUAGES, SIMPLE, configuration_of, detect, detect_question, script_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The battery is covered for four years, which is what the law asks for.", "english"),
        ("Die Garantie für den Akku gilt vier Jahre und wird bei einem Umtausch nicht verlängert.", "german"),
        ("La garantie de la batterie est de quatre ans et ne peut pas être prolongée dans ce cas.", "french"),
        ("La garantía de la batería es de cuatro años y no se amplía con una reparación.", "spanish"),
        ("De garantie op de accu is vier jaar en wordt niet verlengd na een reparatie.", "dutch"),
        ("Bataryanın garantisi dört yıldır ve bir onarım sonrası uzatılmaz, bu kural için istisna yoktur.", "turkish"),
        ("Гарантия на батарею действует четыре года и не продлевается после ремонта.", "russian"),
        ("Гарантія на батарею діє чотири роки і не продовжується після ремонту.", "ukrainian"),
        ("ضمان البطارية أربع سنوات ولا يمدد بعد الإصلاح.", "arabic"),
        ("گارانتی باتری چهار سال است و پس از تعمیر تمدید نمی‌شود.", "persian"),
        ("Η εγγύηση της μπαταρίας διαρκεί τέσσερα χρόνια.", "greek"),
        ("बैटरी की वारंटी चार साल की है और मरम्मत के बाद नहीं बढ़ती।", "hindi"),
        ("电池的保修期为四年，维修后不予延长。", "chinese"),
        ("保証期間は四年で、修理しても延長されません。", "japanese"),
        ("배터리 보증 기간은 4년이며 수리 후에도 연장되지 않습니다.", "korean"),
        ("Гаранцията на батерията е четири години и не се удължава след ремонт на уреда в сервиза, ъгъл.", "bulgarian"),
        ("Объект находится в подъезде.", "russian"),
        ("Gwarancja na baterię trwa cztery lata i nie przedłuża się jej przy naprawie, jak i przez wymianę.", "polish"),
        ("أحوال الجو في المدينة ٣ درجات", "arabic"),
        ("แบตเตอรี่มีการรับประกันสี่ปี", "thai"),
        ("Bảo hành của pin là bốn năm và không được gia hạn cho những lần sửa chữa.", "vietnamese"),
    ],
)
def test_a_text_gets_the_configuration_of_its_language(text: str, language: str) -> None:
    assert detect(text) == language
    assert language in LANGUAGES


def test_text_that_says_too_little_is_taken_for_what_the_dataset_is() -> None:
    assert detect("Model X200, 4 Ah, 18 V") == "english"
    assert detect("Model X200, 4 Ah, 18 V", fallback="german") == "german"


def test_a_question_of_few_words_may_be_in_any_language() -> None:
    assert detect_question("Garantie Akku") is None
    assert detect_question("Wie lange gilt die Garantie für den Akku?") == "german"
    assert detect_question("保修期多长？") == "chinese"


@pytest.mark.parametrize(
    ("text", "script"),
    [("12 34", "latin"), ("保修", "cjk"), ("보증", "cjk"), ("รับประกัน", "southeast_asian"), ("гарантия", "cyrillic")],
)
def test_the_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("language", "configuration"),
    [("german", "german"), ("polish", SIMPLE), ("vietnamese", SIMPLE), ("estonian", SIMPLE), ("unheard of", SIMPLE)],
)
def test_a_language_without_grammar_in_postgresql_is_analysed_simply(language: str, configuration: str) -> None:
    assert configuration_of(language) == configuration


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Combien coûte le garage ?", "french"),
        ("¿Cuánto cuesta el garaje?", "spanish"),
        ("Garaj ne kadar, kaç lira?", "turkish"),
        ("Quanto costa il garage?", "italian"),
        ("Ile kosztuje garaż i gdzie jest?", "polish"),
    ],
)
def test_a_short_question_is_told_by_the_words_that_ask(question: str, language: str) -> None:
    assert detect_question(question) == language
