"""Headings, numbers that Word counts by itself, notes, headers and footers are read where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.ingestion.readers.docx.numerals import numeral
from datasets.tests.files import paragraph, relationships, word_part
from datasets.tests.wordfiles import Reader, p, row


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def numbering(
    *levels: str, instances: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
) -> dict[str, str]:
    inside = "".join(f'<w:lvl w:ilvl="{place}">{level}</w:lvl>' for place, level in enumerate(levels))
    return {
        "word/numbering.xml": word_part(
            "numbering", f'<w:abstractNum w:abstractNumId="0">{inside}</w:abstractNum>{instances}'
        )
    }


def level(form: str, text: str, more: str = "") -> str:
    return f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'


def listed(text: str, place: int = 0, number: str = "1") -> str:
    properties = f'<w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, properties=properties) if text else f"<w:p><w:pPr>{properties}</w:pPr></w:p>"


LEGAL = (level("decimal", "%1."), level("decimal", "%1.%2"), level("lowerLetter", "(%3)"), level("upperRoman", "%4"))


def test_clauses_are_numbered_as_word_shows_them(reading: Reader) -> None:
    body = "".join([
        listed("Scope"), listed("Delivery"), listed("In time", 1), listed("Late", 1), listed("by a day", 2),
        listed("by a week", 2), listed("Warranty"), listed("Two years", 1), listed("for all", 2), listed("deep", 3),
    ])  # fmt: skip
    assert reading.lines(body, numbering(*LEGAL)) == [
        "1. Scope", "2. Delivery", "2.1 In time", "2.2 Late", "(a) by a day", "(b) by a week", "3. Warranty",
        "3.1 Two years", "(a) for all", "I deep",
    ]  # fmt: skip


def test_headings_are_numbered_by_their_styles_and_sections_say_so(reading: Reader) -> None:
    styles = word_part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/>'
        '</w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/>'
        '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Own"><w:basedOn w:val="H2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Plain"><w:basedOn w:val="H2"/><w:pPr><w:outlineLvl w:val="9"/><w:numPr>'
        '<w:numId w:val="0"/></w:numPr></w:pPr></w:style>',
    )
    body = "".join([
        paragraph("Scope", style="H1"), paragraph("All goods.", style="Plain"), paragraph("Fees", style="H1"),
        paragraph("Usual", style="H2"), paragraph("Late", style="Own"), paragraph("A penalty of 5 percent."),
    ])  # fmt: skip
    blocks = reading.blocks(body, numbering(*LEGAL) | {"word/styles.xml": styles})
    assert [block.section for block in blocks] == [("1. Scope",), ("2. Fees", "2.2 Late")]
    assert blocks[1].text == "2. Fees\n2.1 Usual\n2.2 Late\nA penalty of 5 percent."


@pytest.mark.parametrize(
    ("instances", "numbers", "shown"),
    [
        ("", ["1", "1", "2", "1"], ["1. a", "2. a", "3. a", "4. a"]),
        ('<w:startOverride w:val="1"/>', ["1", "1", "2", "2"], ["1. a", "2. a", "1. a", "2. a"]),
        ('<w:startOverride w:val="7"/>', ["1", "2", "2", "1"], ["1. a", "7. a", "8. a", "9. a"]),
    ],
    ids=["goes on", "starts anew", "starts at seven"],
)
def test_lists_go_on_or_start_anew(reading: Reader, instances: str, numbers: list[str], shown: list[str]) -> None:
    override = f'<w:lvlOverride w:ilvl="0">{instances}</w:lvlOverride>' if instances else ""
    both = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{override}</w:num>'
    )
    body = "".join(listed("a", number=number) for number in numbers)
    assert reading.lines(body, numbering(*LEGAL, instances=both)) == shown


def test_empty_numbered_paragraphs_count_and_bullets_are_dashes(reading: Reader) -> None:
    body = (
        listed("a") + listed("") + listed("c") + listed("x", 1) + listed("plain", number="0") + listed("y", number="99")
    )
    levels = (level("decimal", "%1)"), level("bullet", "\uf0b7"))
    assert reading.lines(body, numbering(*levels)) == ["1) a", "3) c", "- x", "plain", "- y"]


def test_levels_may_never_start_anew_and_may_be_all_in_digits(reading: Reader) -> None:
    levels = (
        level("upperRoman", "%1"),
        level("decimal", "%1.%2", "<w:lvlRestart w:val='0'/>"),
        level("decimal", "%1.%2.%3", "<w:isLgl/>"),
    )
    body = listed("a") + listed("b", 1) + listed("c") + listed("d", 1) + listed("e", 2)
    assert reading.lines(body, numbering(*levels)) == ["I a", "I.1 b", "II c", "II.2 d", "2.2.1 e"]


@pytest.mark.parametrize(
    ("form", "number", "shown"),
    [
        ("decimal", 12, "12"), ("decimalZero", 4, "04"), ("lowerRoman", 1994, "mcmxciv"), ("upperRoman", 4, "IV"),
        ("lowerLetter", 27, "aa"), ("upperLetter", 3, "C"), ("ordinal", 22, "22nd"), ("ordinal", 13, "13th"),
        ("cardinalText", 21, "Twenty-one"), ("ordinalText", 3, "Third"), ("ordinalText", 20, "Twentieth"),
        ("ordinalText", 32, "Thirty-second"), ("none", 5, ""), ("russianLower", 3, "в"), ("arabicAbjad", 2, "ب"),
        ("hebrew1", 15, "טו"), ("chineseCounting", 12, "十二"), ("chineseCountingThousand", 305, "三百〇五"),
        ("ideographDigital", 20, "二〇"), ("chineseLegalSimplified", 21, "贰拾壹"), ("decimalEnclosedCircle", 3, "③"),
        ("decimalEnclosedCircle", 21, "21"), ("aiueo", 2, "イ"), ("ganada", 1, "가"), ("ideographTraditional", 3, "丙"),
        ("thaiNumbers", 10, "๑๐"), ("decimalFullWidth", 7, "７"), ("unheardOf", 7, "7"), ("upperRoman", 0, "0"),
        ("lowerRoman", 99_999_999, "99999999"),
    ],
)  # fmt: skip
def test_numerals(form: str, number: int, shown: str) -> None:
    assert numeral(number, form) == shown


def test_headings_without_a_list_of_styles_are_known_by_words_own_names(reading: Reader) -> None:
    [block] = reading.blocks(
        paragraph("Fees", style="Heading1") + paragraph("4 euros."), {"word/styles.xml": word_part("styles", "")}
    )
    assert block.section == ("Fees",)


# ---- notes, headers


def note(kind: str, name: str, text: str, more: str = "") -> str:
    return f'<w:{kind} w:id="{name}" {more}>{paragraph(text)}</w:{kind}>'


def test_notes_follow_the_paragraph_that_refers_to_them(reading: Reader) -> None:
    parts = {
        "word/footnotes.xml": word_part(
            "footnotes",
            note("footnote", "0", "line", 'w:type="separator"') + note("footnote", "2", "Without tax.")
            + note("footnote", "3", "Nobody refers to this.")
            + note("footnote", "4", "While stocks last."),
        ),
        "word/endnotes.xml": word_part("endnotes", note("endnote", "1", "See the law.")),
        "word/comments.xml": word_part("comments", note("comment", "0", "Check this.", 'w:author="Ada"')),
    }  # fmt: skip
    gone = '<w:del><w:r><w:footnoteReference w:id="3"/></w:r></w:del>'
    refers, other = (f'<w:r><w:footnoteReference w:id="{name}"/></w:r>' for name in (2, 4))
    body = (
        p("It costs 49", refers, gone, " euros", '<w:r><w:endnoteReference w:id="1"/></w:r>', ".",
          '<w:r><w:commentReference w:id="0"/></w:r>')
        + p("Next.")
        + f"<w:tbl><w:tr><w:tc>{p('A', other, refers)}</w:tc><w:tc>{p('1')}</w:tc></w:tr>{row('B', '2')}</w:tbl>"
    )  # fmt: skip
    assert reading.lines(body, parts) == [
        "It costs 49¹ euros[i].",
        "¹ Without tax.", "[i] See the law.", "[Comment, Ada: Check this.]", "Next.", "A²,³ | 1",
        "B | 2", "² While stocks last.",
    ]  # fmt: skip


def test_headers_and_footers_that_pages_have_are_read_once_without_page_numbers(reading: Reader) -> None:
    page = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>7</w:t></w:r></w:fldSimple>'
    names = ("h1", "h2", "f1", "f2")
    parts = {
        "word/h1.xml": word_part("hdr", paragraph("Acme price list 2024")),
        "word/h2.xml": word_part("hdr", paragraph("Only on first pages")),
        "word/f1.xml": word_part("ftr", p("Call 555-0100", "<w:r><w:tab/></w:r>", "Page ", page)),
        "word/f2.xml": word_part("ftr", p("Page ", page, " of 9") + paragraph("Acme price list 2024")),
        "word/_rels/document.xml.rels": relationships(*((name, "header", f"{name}.xml") for name in names)),
    }  # fmt: skip
    section = (
        '<w:headerReference w:type="default" r:id="h1"/><w:headerReference w:type="first" r:id="h2"/>'
        '<w:footerReference w:type="default" r:id="f1"/><w:footerReference w:type="first" r:id="f2"/>'
    )
    body = p("Text.", properties=f"<w:sectPr>{section}<w:titlePg/></w:sectPr>") + f"<w:sectPr>{section}</w:sectPr>"
    blocks = reading.blocks(body, parts)
    assert [block.text for block in blocks] == ["Text.", "Acme price list 2024\nOnly on first pages\nCall 555-0100"]
    without = body.replace("<w:titlePg/>", "")
    assert [block.text for block in reading.blocks(without, parts)] == ["Text.", "Acme price list 2024\nCall 555-0100"]
