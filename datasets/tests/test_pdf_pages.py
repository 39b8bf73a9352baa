"""Over the pages of a PDF: sentences are whole, what stands on every page is kept once, broken words are in one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from datasets.ingestion.readers.pdf import flow, furniture
from datasets.ingestion.readers.pdf.hyphens import Hyphens
from datasets.ingestion.readers.pdf.values import BROKEN, Line, Page

SMALL = 8.0


def page_of(number: int, texts: Sequence[str], *, notes: Sequence[str] = ()) -> Page:
    """A page whose lines are below one another, with small notes at its end."""
    lines = [Line(text, 11.0, 700.0 - 14 * index) for index, text in enumerate(texts)]
    return Page(number, lines + [Line(text, SMALL, 60.0 - 9 * index) for index, text in enumerate(notes)])


def joined(*pages: Page) -> list[str]:
    """The texts of the pages when they are put together."""
    furniture.part(pages)
    flow.join(pages, Hyphens([line.text for page in pages for line in page.lines]))
    return ["\n".join(line.text for line in page.lines) for page in pages]


@pytest.mark.parametrize(
    ("before", "after", "end"),
    [
        ("The boiler has to be looked after by a person who", "knows it well. Call us.", "knows it well."),
        ("The contract that was signed by the owners in the", "City of York ended in May. It was long.", "in May."),
        ("Der Kessel wird einmal im Jahr von einer Fachkraft der", "Firma Muster geprüft. Das ist so.", "geprüft."),
        ("La caldera tiene que ser revisada cada año por una", "persona que la conozca. Llámenos.", "conozca."),
        ("Котёл каждый год должен проверять специалист, который", "хорошо его знает. Звоните нам.", "знает."),
        ("锅炉每年必须由专业人员检查一次,并且检查的结果必须", "写在记录本上。请给我们打电话。", "写在记录本上。"),
        ("يجب أن يفحص الغلاية كل عام شخص مختص يعرف هذا النوع", "من الغلايات معرفة جيدة جدا. اتصل بنا.", "جدا."),
        ("It was repaired by the engineers of the company that", "Dr. Meyer of Fig. 3 led. It works.", "led."),
        ("The price of the lamp, that is paid in four parts,", "Smith Ltd. raised by 4.5 percent. Ask us.", "percent."),
    ],
    ids=["en", "en name", "de", "es", "ru", "zh", "ar", "abbreviations", "figures"],
)  # fmt: skip
def test_a_sentence_over_a_page_is_on_the_page_where_it_begins(before: str, after: str, end: str) -> None:
    first = page_of(1, ["An earlier line that is as long as the others are here.", before])
    second = page_of(2, [after, "Another line of the text that stands on the second page."])

    one, two = joined(first, second)

    assert one.endswith(end)
    assert end not in two
    assert after[-6:] in two


def test_headers_footers_and_notes_stand_in_no_sentences_way() -> None:
    kinds = ["boiler", "lamp", "door", "window"]
    pages = []
    for number, kind in enumerate(kinds, 1):
        text = [
            f"firm that built the {kind}. The first year is free.",
            f"Each {kind} is looked after by a person of the",
        ]
        notes = ["1 See the law of 2020."] if number == 1 else []
        pages.append(page_of(number, ["House manual", *text, f"Page {number} of 4"], notes=notes))

    one, two, three, four = joined(*pages)

    assert "Each boiler is looked after by a person of the firm that built the lamp." in one
    assert one.endswith("1 See the law of 2020.")
    assert three.startswith("The first year is free.")
    assert not any("manual" in text or "Page" in text for text in (one, two, three, four))
    assert [[line.text for line in page.apart] for page in pages] == [["House manual", "Page 1 of 4"], [], [], []]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "The boiler is looked after every year by our own people.",
            "Another sentence begins on this page, as it may.",
        ),
        ("The boiler is looked after every year by our people in", "• the first point of a list that begins here"),
        ("The boiler is looked after every year by our people in", "2. Prices and payments of all those years"),
        ("The boiler is looked after every year by our people in", "3.1 Prices and payments of all those years"),
        ("Wages and salaries of all our people 120 340 560", "Interest on what the bank lent us 12 34 56"),
        ("Prices", "The boiler is looked after every year by our people."),
    ],
    ids=["end", "bullet", "number", "section", "table", "heading"],
)
def test_what_is_no_sentence_over_a_page_stays(before: str, after: str) -> None:
    filler = "A line that is as long as the others on these pages are."

    one, two = joined(page_of(1, [filler, before]), page_of(2, [after, filler]))

    assert one.endswith(before)
    assert two.startswith(after)


def test_a_word_broken_over_a_page_is_whole() -> None:
    first = page_of(1, ["An earlier line that is as long as the others are here.", "It is a matter of good infor-"])
    second = page_of(2, ["mation for all. Another sentence.", "More text of the second page."])

    one, two = joined(first, second)

    assert one.endswith("It is a matter of good information for all.")
    assert two.startswith("Another sentence.")


def test_a_sentence_over_three_pages_is_on_its_first() -> None:
    pages = [
        page_of(1, ["An earlier line that is as long as the others are here.", "It is a matter of what the people in"]),
        page_of(2, ["the large towns of the country and all those villages of"]),
        page_of(3, ["the north want. Another sentence."]),
    ]

    one, two, three = joined(*pages)

    assert one.endswith("the people in the large towns of the country and all those villages of the north want.")
    assert (two, three) == ("", "Another sentence.")


def test_lines_of_one_sentence_are_one_and_lists_stay_lists() -> None:
    texts = [
        "The boiler has to be looked after by a person who",
        "knows it well.",
        "• a first point",
        "• a second point",
    ]

    assert joined(page_of(1, texts)) == [
        "The boiler has to be looked after by a person who knows it well.\n• a first point\n• a second point"
    ]


def test_what_differs_at_the_edges_of_pages_is_kept() -> None:
    pages = [
        page_of(number, [f"Invoice {name}", "Total: 100", f"Amount due: {amount}"])
        for number, (name, amount) in enumerate([("A", 7), ("B", 93), ("C", 12), ("D", 55)], 1)
    ]

    amounts = [text.split("\n")[-1] for text in joined(*pages)]

    assert amounts == ["Amount due: 7", "Amount due: 93", "Amount due: 12", "Amount due: 55"]


def test_titles_that_count_up_are_no_page_numbers() -> None:
    pages = [page_of(n, [f"Question {n}", f"What colour is the lamp in room {n * 7}?"]) for n in range(1, 6)]

    assert [text.split("\n")[0] for text in joined(*pages)] == [f"Question {n}" for n in range(1, 6)]


@pytest.mark.parametrize(
    "numbers",
    [
        ["1", "2", "3", "4"],
        ["- 7 -", "- 8 -", "- 9 -", "- 10 -"],
        ["i", "ii", "iii", "iv"],
        ["3 / 9", "4 / 9", "5 / 9", "6 / 9"],
    ],
    ids=["bare", "dashes", "Roman", "of all"],
)
def test_page_numbers_are_no_text(numbers: list[str]) -> None:
    bodies = ["The lamp is red.", "The door is open.", "The key is lost.", "The house is sold."]

    assert joined(*(page_of(n, [bodies[n - 1], number]) for n, number in enumerate(numbers, 1))) == bodies


def test_headers_of_left_and_right_pages_and_of_chapters_are_found() -> None:
    def header(number: int) -> str:
        return f"{number} Handbook of lamps" if number % 2 else f"Chapter {1 + number // 13}: all about lamps {number}"

    pages = [page_of(number, [header(number), f"Text {number * number + 50}."]) for number in range(1, 25)]

    assert joined(*pages) == [f"Text {number * number + 50}." for number in range(1, 25)]


@pytest.mark.parametrize(
    ("broken", "elsewhere", "whole"),
    [
        ("open|domain", "", "open-domain"),
        ("open|domain", "An opendomain is here.", "opendomain"),
        ("infor|mation", "", "information"),
        ("e|mail", "Write an e-mail.", "e-mail"),
        ("e|mail", "Write an email.", "email"),
        ("rule|based", "", "rule-based"),
        ("well|known", "", "well-known"),
        ("open|ing", "", "opening"),
        ("high|light", "", "highlight"),
        ("COVID|19", "", "COVID-19"),
        ("2019|2020", "", "2019-2020"),
        ("Anglo|Saxon", "", "Anglo-Saxon"),
        ("state-of-the|art", "", "state-of-the-art"),
        ("Geschwindig|keit", "", "Geschwindigkeit"),
        ("(über|setzt)", "", "(übersetzt)"),
        ("client|server", "The client asks the server.", "client-server"),
        ("под|готовка", "", "подготовка"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_stays_where_it_is_the_words(broken: str, elsewhere: str, whole: str) -> None:
    text = f"It has {broken.replace('|', BROKEN)} here."

    assert Hyphens([text, elsewhere]).whole(text) == f"It has {whole} here."
