"""A PDF is read as a person sees it: its numbers, words and sentences, with what is filled in and noted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from datasets.blocks import Block, Notice, NoticeCode, ReadError, Reading
from datasets.ingestion.readers.pdf import letters, read
from datasets.ingestion.readers.pdf.values import Line
from datasets.tests import pdffiles
from datasets.tests.pdffiles import LEFT, STEP, TOP, Sheet, field, lines, link, note, picture, runs, wide, words

# In the font that does not say which letters it shows, as programs number them
MUTE = "".join(chr(ord(letter) - 29) for letter in "Twelve months of warranty")


def reading_of(tmp_path: Path, sheets: Sequence[Sheet], *, catalog: str = "") -> Reading:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdffiles.document(sheets, catalog=catalog))
    return read(path, lambda _done, _total: None)


def texts_of(tmp_path: Path, *contents: str) -> list[str]:
    return [block.text for block in reading_of(tmp_path, [Sheet(content) for content in contents]).blocks]


@pytest.mark.parametrize(
    ("parts", "read_as"),
    [
        ([("It costs 49", 12, 0), ("1", 7, 5), (" euros", 12, 0)], "It costs 49¹ euros"),
        ([("about 10", 12, 0), ("5", 8, 5), (" cells", 12, 0)], "about 10⁵ cells"),
        ([("below 10", 12, 0), ("-12", 8, 5), (" m", 12, 0)], "below 10⁻¹² m"),
        ([("an area of 20 m", 12, 0), ("2", 8, 4), (".", 12, 0)], "an area of 20 m²."),
        ([("CO", 12, 0), ("2", 8, -3), (" and H", 12, 0), ("2", 8, -3), ("O", 12, 0)], "CO₂ and H₂O"),
        ([("as shown", 12, 0), ("1,2", 7, 5), (" before", 12, 0)], "as shown¹,² before"),
        ([("12", 7, 5), ("2020 was good", 12, 0)], "¹²2020 was good"),
        ([("Total 1,234.50", 12, 0)], "Total 1,234.50"),
        ([("Small 19", 8, 0), (" and large 20", 12, 0)], "Small 19 and large 20"),
    ],
    ids=["mark", "power", "negative", "square", "below", "marks", "before", "plain", "sizes"],
)
def test_no_raised_or_lowered_digit_changes_a_number(
    tmp_path: Path, parts: list[tuple[str, float, float]], read_as: str
) -> None:
    assert texts_of(tmp_path, runs(parts)) == [read_as]


def test_digits_are_told_apart_on_a_page_that_is_turned(tmp_path: Path) -> None:
    content = "BT /F1 12 Tf 0 1 -1 0 300 100 Tm (It costs 49) Tj /F1 7 Tf 5 Ts (1) Tj /F1 12 Tf 0 Ts ( euros) Tj ET"

    [block] = reading_of(tmp_path, [Sheet(content, entries="/Rotate 90")]).blocks

    assert block.text == "It costs 49¹ euros"


def test_a_number_on_top_of_another_is_no_part_of_the_one_before(tmp_path: Path) -> None:
    content = words("add 2") + words("1", x=92, y=745, size=6) + words("2", x=92, y=737, size=6) + words("cups", x=102)

    [text] = texts_of(tmp_path, content)

    assert "2¹" in text
    assert "21" not in text
    assert "12" not in text


def test_a_form_gives_its_values_after_what_asks_for_them(tmp_path: Path) -> None:
    ticked = "/V /Yes /AS /Yes /AP << /N << /Yes 6 0 R /Off 6 0 R >> >>"
    open_ = "/V /Off /AS /Off /AP << /N << /Yes 6 0 R /Off 6 0 R >> >>"
    sheet = Sheet(
        lines(["Serial number:", "Cover at night", "Cover by day"]),
        [
            field("Tx", "f1_01[0]", "160 735 360 755", "/V (SN-48213)"),
            field("Btn", "f2", "40 720 54 736", ticked),
            field("Btn", "f3", "40 704 54 720", open_),
            field("Ch", "f4", "300 600 400 620", "/TU (Country) /Opt [[(de) (Germany)] [(fr) (France)]] /V (fr)"),
            field("Tx", "remarks", "60 400 300 420", "/V (Ring twice)"),
            field("Tx", "unseen", "60 300 300 320", "/V (never shown)").replace("/F 4", "/F 2"),
            field("Tx", "secret", "60 200 300 220", "/V (hunter2) /Ff 8192"),
        ],
    )

    [block] = reading_of(tmp_path, [sheet]).blocks

    assert block.text.split("\n\n")[1].split("\n") == [
        "Serial number: SN-48213",
        "Cover at night: [x]",
        "Country: France",
        "remarks: Ring twice",
    ]


def test_a_page_taken_out_of_its_form_keeps_its_values(tmp_path: Path) -> None:
    sheet = Sheet(words("Agency"), [field("Tx", "a", "200 735 360 755", "/TU (Name of agency) /V (Parks 7)")])
    path = tmp_path / "a.pdf"
    path.write_bytes(pdffiles.document([sheet]).replace(b"/AcroForm", b"/NoForm__"))

    assert "Name of agency: Parks 7" in read(path, lambda _done, _total: None).blocks[0].text


def test_notes_are_read_with_what_they_mark(tmp_path: Path) -> None:
    sheet = Sheet(
        words("Delivery within 30 days."),
        [
            note("Text", "Ask Bob"),
            note("Popup", "Ask Bob"),
            note("Highlight", "Too long", box="56 736 220 752"),
            note("FreeText", "Approved 2024"),
            note("Text", "Delivery within 30 days."),
            note("Text", "Nobody sees this", entries="/F 2"),
        ],
    )

    [block] = reading_of(tmp_path, [sheet]).blocks

    assert block.text == (
        "Delivery within 30 days.\n\n[Ask Bob]\n[“Delivery within 30 days.”: Too long]\nApproved 2024"
    )


def test_a_link_shows_where_it_leads_after_its_words(tmp_path: Path) -> None:
    sheet = Sheet(
        lines(["See terms", "Visit www.shop.example", "Write us"]),
        [
            link("https://shop.example/terms", "58 736 116 752"),
            link("https://www.shop.example/", "58 720 188 736"),
            link("mailto:help@shop.example", "58 704 110 720"),
            link("javascript:alert\\(1\\)", "58 704 110 720"),
        ],
    )

    [block] = reading_of(tmp_path, [sheet]).blocks

    assert block.text.split("\n") == [
        "See terms (https://shop.example/terms)", "Visit www.shop.example", "Write us (help@shop.example)",
    ]  # fmt: skip


def test_pages_that_are_pictures_are_named(tmp_path: Path) -> None:
    drawing = "".join(f"{x} 100 m {x} 500 l S\n" for x in range(100, 200))
    contents = [words("First page"), picture(), words("Third page"), drawing, "", words("Last page")]

    reading = reading_of(tmp_path, [Sheet(content) for content in contents])

    assert reading.notices == (Notice(NoticeCode.PICTURE_PAGE, (2, 4)),)
    assert [block.page for block in reading.blocks] == [1, 3, 6]


def test_a_picture_with_nothing_but_a_header_and_a_number_is_one(tmp_path: Path) -> None:
    def page(number: int, middle: str) -> Sheet:
        return Sheet(words("Boiler manual", y=770) + middle + words(str(number), x=300, y=30))

    sheets = [page(1, words("Text one.")), page(2, picture()), page(3, words("Text three.")), page(4, picture())]

    assert reading_of(tmp_path, sheets).notices == (Notice(NoticeCode.PICTURE_PAGE, (2, 4)),)


def test_text_in_a_font_without_letters_is_left_out_and_named(tmp_path: Path) -> None:
    mixed = wide(MUTE, font="F3") + words("Ask the seller.", y=500)

    reading = reading_of(tmp_path, [Sheet(words("Page one.")), Sheet(mixed), Sheet(wide(MUTE, font="F3"))])

    assert [block.text for block in reading.blocks] == ["Page one.", "Ask the seller."]
    assert reading.notices == (Notice(NoticeCode.UNREADABLE_FONT, (2, 3)),)


@pytest.mark.parametrize(
    ("content", "catalog", "code"),
    [
        (wide(MUTE, font="F3"), "", "unreadable_font"),
        (words("Please wait..."), "/AcroForm << /XFA [] /Fields [] >>", "xfa_form"),
        (words("Open this with Adobe Reader."), "/AcroForm << /XFA [] >> /NeedsRendering true", "xfa_form"),
        (lines(["Please wait...", "If this message is not eventually replaced by the contents"]), "", "xfa_form"),
        (picture(), "", "scan"),
        ("", "", "empty"),
    ],
    ids=["font", "XFA", "drawn later", "its sentence", "scan", "empty"],
)
def test_a_pdf_of_nothing_readable_says_why(tmp_path: Path, content: str, catalog: str, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        reading_of(tmp_path, [Sheet(content)], catalog=catalog)

    assert caught.value.code == code


def test_a_document_about_please_wait_is_read(tmp_path: Path) -> None:
    assert texts_of(tmp_path, words("Please wait... until the lamp is green.")) == [
        "Please wait... until the lamp is green."
    ]


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        (wide("中文字很好。", gap=9), "中文字很好。"),
        (wide("これは日本語です。", gap=9), "これは日本語です。"),
        (wide("姓名 年龄 地址"), "姓名 年龄 地址"),
        (words("1.3 Safety . . . . . . . . . . . 12"), "1.3 Safety … 12"),
        (words("Wait... for it"), "Wait... for it"),
        (wide("나는 밥 을 더 먹 어"), "나는 밥 을 더 먹 어"),
        (wide("C H A P T E R"), "CHAPTER"),
        (wide("A B C D E"), "A B C D E"),
        (wide("Y N N Y Y N"), "Y N N Y Y N"),
        (wide("\ufb01ve \ufb02oors"), "five floors"),
        (wide("دنع"), "عند"),
        (wide("םולש"), "שלום"),
    ],
    ids=[
        "Chinese",
        "Japanese",
        "columns",
        "leaders",
        "dots",
        "Korean",
        "heading",
        "axis",
        "answers",
        "ligatures",
        "Arabic",
        "Hebrew",
    ],
)
def test_letters_are_put_together_as_they_are_read(tmp_path: Path, content: str, read_as: str) -> None:
    assert texts_of(tmp_path, content) == [read_as]


def test_a_damaged_page_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    whole = pdffiles.document([Sheet(words("One.")), Sheet(words("Two."))])
    before, kind, after = whole.rpartition(b"/Type /Page /")
    path.write_bytes(before + kind.replace(b"Page", b"Nope") + after)

    reading = read(path, lambda _done, _total: None)

    assert reading.notices == (Notice(NoticeCode.UNREAD_PART, (2,), "damaged pages"),)


def test_a_space_that_is_as_narrow_as_between_letters_is_none(tmp_path: Path) -> None:
    def spaced(text: str, y: float) -> str:
        last = LEFT + 8.8 * (len(text) - 1)
        parts = f"1 0 0 1 {LEFT} {y} Tm ({text[:-1]}) Tj 1 0 0 1 {last} {y} Tm ({text[-1]}) Tj"
        return f"BT /F1 12 Tf 2.128 Tc {parts} ET\n"

    numbers = ["138588", "200080", "755009", "130376", "409118", "206133", "101622"]
    content = "".join(spaced(number, TOP - STEP * index) for index, number in enumerate(numbers))

    assert texts_of(tmp_path, content) == ["\n".join(numbers)]


@pytest.mark.parametrize("shown", ["ANNUAL REPORT", "Letter spaced words", "A B C D E"])
def test_words_that_are_set_letter_by_letter_have_their_gaps(tmp_path: Path, shown: str) -> None:
    step = 30 if shown == "A B C D E" else 15
    places = [LEFT + step * index for index in range(len(shown))]
    content = "".join(words(letter, x=x) for letter, x in zip(shown, places, strict=True) if letter != " ")

    assert texts_of(tmp_path, content) == [shown]


def test_a_small_number_beside_a_word_stays_one(tmp_path: Path) -> None:
    assert texts_of(tmp_path, words("Total") + words("45.20", x=90, y=737, size=8)) == ["Total 45.20"]


def test_a_column_that_is_written_downwards_is_one_line() -> None:
    column = [Line(letter, 12, 700 - 14 * index, 300) for index, letter in enumerate("縦書きの文章")]
    answers = [Line(letter, 12, 700 - 14 * index, 300) for index, letter in enumerate("ABCD")]

    assert [line.text for line in letters.upright([*column, *answers])] == ["縦書きの文章", "A", "B", "C", "D"]


def test_text_beside_the_page_is_not_read(tmp_path: Path) -> None:
    assert texts_of(tmp_path, words("Shown") + words("Cut off", x=900)) == ["Shown"]


def test_pages_keep_numbers_and_sections(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, [Sheet(words("One.")), Sheet(words("Two."))])

    assert reading.blocks == (Block("One.", (), 1), Block("Two.", (), 2))
