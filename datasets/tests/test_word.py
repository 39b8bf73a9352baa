"""What Word files say is read as people see it: no number changed, joined or lost, and nothing that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.tests import files
from datasets.tests.files import paragraph, relationships, word_part
from datasets.tests.wordfiles import Reader, cell, math, mr, p, r, row


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


RAISED = '<w:vertAlign w:val="superscript"/>'
LOWERED = '<w:vertAlign w:val="subscript"/>'


# ---- numbers


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        (("49", r("1", RAISED), " euros"), "49¹ euros"),
        (("10", r("5", RAISED), " newtons"), "10⁵ newtons"),
        (("10", r("-", RAISED), r("12", RAISED)), "10⁻¹²"),
        (("H", r("2", LOWERED), "O"), "H₂O"),
        (("the 1", r("st", RAISED), " of May"), "the 1st of May"),
        (("2", r("n+1", RAISED)), "2^(n+1)"),
        (("49", r("1", '<w:vertAlign w:val="baseline"/>')), "491"),
    ],
    ids=["note", "power", "in runs", "lowered", "ordinal", "sum", "not raised"],
)
def test_raised_and_lowered_digits_do_not_join_a_number(reading: Reader, runs: tuple[str, ...], shown: str) -> None:
    assert reading.lines(p(*runs)) == [shown]


def test_letters_are_raised_by_their_style_too(reading: Reader) -> None:
    styles = word_part(
        "styles",
        f'<w:style w:type="character" w:styleId="Base"><w:rPr>{RAISED}</w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Mark"><w:basedOn w:val="Base"/></w:style>',
    )
    assert reading.lines(p("49", r("1", '<w:rStyle w:val="Mark"/>')), {"word/styles.xml": styles}) == ["49¹"]


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (f"<m:f><m:num>{mr('1')}</m:num><m:den>{mr('2')}</m:den></m:f>", "1/2"),
        (f"<m:f><m:num>{mr('a+b')}</m:num><m:den>{mr('2c')}</m:den></m:f>", "(a+b)/(2c)"),
        (f"<m:sSup><m:e>{mr('x')}</m:e><m:sup>{mr('2')}</m:sup></m:sSup>", "x²"),
        (f"<m:sSup><m:e>{mr('10')}</m:e><m:sup>{mr('-3')}</m:sup></m:sSup>", "10⁻³"),
        (f"<m:sSup><m:e>{mr('x')}</m:e><m:sup>{mr('n+1')}</m:sup></m:sSup>", "x^(n+1)"),
        (f"<m:sSub><m:e>{mr('v')}</m:e><m:sub>{mr('max')}</m:sub></m:sSub>", "v_max"),
        (f"<m:sSubSup><m:e>{mr('a')}</m:e><m:sub>{mr('1')}</m:sub><m:sup>{mr('2')}</m:sup></m:sSubSup>", "a₁²"),
        (f"<m:rad><m:radPr><m:degHide/></m:radPr><m:deg/><m:e>{mr('x+1')}</m:e></m:rad>", "√(x+1)"),
        (f"<m:rad><m:deg>{mr('3')}</m:deg><m:e>{mr('8')}</m:e></m:rad>", "∛8"),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{mr("i=1")}</m:sub><m:sup>{mr("10")}</m:sup>'
            f"<m:e>{mr('i')}</m:e></m:nary>",
            "∑_(i=1)¹⁰ i",
        ),
        (f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val=""/></m:dPr><m:e>{mr("a")}</m:e></m:d>', "[a"),
        (f"<m:func><m:fName>{mr('sin')}</m:fName><m:e>{mr('x')}</m:e></m:func>", "sin x"),
        (
            f"<m:m><m:mr><m:e>{mr('1')}</m:e><m:e>{mr('2')}</m:e></m:mr>"
            f"<m:mr><m:e>{mr('3')}</m:e><m:e>{mr('4')}</m:e></m:mr></m:m>",
            "[1, 2; 3, 4]",
        ),
        (f"<m:bar><m:barPr><m:pos m:val='top'/></m:barPr><m:e>{mr('x')}</m:e></m:bar>", "x\u0305"),
        (f"<m:phant><m:phantPr><m:show m:val='0'/></m:phantPr><m:e>{mr('x')}</m:e></m:phant>{mr('y')}", "y"),
        (mr("𝑥=𝟓"), "x=5"),
    ],
)  # fmt: skip
def test_formulas_are_written_on_one_line(reading: Reader, formula: str, shown: str) -> None:
    assert reading.lines(p("That is ", math(formula), ".")) == [f"That is {shown}."]


def test_a_fraction_does_not_join_the_number_before_it(reading: Reader) -> None:
    half = f"<m:f><m:num>{mr('1')}</m:num><m:den>{mr('2')}</m:den></m:f>"
    assert reading.lines(p("Take 3", math(half), " cups.")) == ["Take 3 1/2 cups."]
    assert reading.lines(p(math(mr("3") + half + mr("x")))) == ["3 1/2 x"]


# ---- what is not there


@pytest.mark.parametrize("hiding", ["<w:strike/>", "<w:dstrike/>", "<w:vanish/>", '<w:strike w:val="true"/>'])
def test_struck_and_hidden_text_is_left_out(reading: Reader, hiding: str) -> None:
    assert reading.lines(p(r("80 euros ", hiding), "60 euros")) == ["60 euros"]


@pytest.mark.parametrize("shown", ['<w:strike w:val="0"/>', '<w:vanish w:val="false"/>', '<w:dstrike w:val="off"/>'])
def test_what_is_said_not_to_be_hidden_is_read(reading: Reader, shown: str) -> None:
    assert reading.lines(p(r("80 euros", shown))) == ["80 euros"]


def test_text_is_hidden_by_its_style_and_shown_by_itself(reading: Reader) -> None:
    styles = word_part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="Inner"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Derived"><w:basedOn w:val="Inner"/></w:style>'
        '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:strike/></w:rPr></w:style>',
    )
    body = (
        paragraph("margin 61 percent", style="Derived")
        + p(r("margin 62 percent", '<w:rStyle w:val="Gone"/>'), "A")
        + p(r("B", '<w:vanish w:val="0"/>'), properties='<w:pStyle w:val="Derived"/>')
    )
    assert reading.lines(body, {"word/styles.xml": styles}) == ["A", "B"]


def test_deleted_text_is_left_out_and_inserted_text_is_kept(reading: Reader) -> None:
    gone = '<w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>'
    body = (
        "<w:p><w:r><w:t>Price: </w:t></w:r><w:del><w:r><w:delText>80</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>60</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>70</w:t></w:r></w:moveFrom></w:p>"
        f"<w:p>{gone}<w:r><w:t>one</w:t></w:r></w:p><w:p><w:r><w:t>paragraph</w:t></w:r></w:p>"
        f"<w:p>{gone}<w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:p>"
        f"<w:tbl>{row('Kept', '1')}{row('Gone', '2', properties='<w:del/>')}</w:tbl>"
    )
    assert reading.lines(body) == ["Price: 60", "one paragraph", "Kept | 1"]


def test_codes_of_fields_are_left_out_and_results_kept(reading: Reader) -> None:
    def mark(kind: str, inside: str = "") -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar></w:r>'

    code = "<w:r><w:instrText>IF </w:instrText></w:r>"
    nested = f"{mark('begin')}{code}{mark('separate')}{r('secret')}{mark('end')}"
    box = '<w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>'
    entries = '<w:result w:val="1"/><w:listEntry w:val="A"/><w:listEntry w:val="B"/>'
    choice = f"<w:ffData><w:ddList>{entries}</w:ddList></w:ffData>"
    link = '<w:r><w:instrText>HYPERLINK "https://a.example/b" </w:instrText></w:r>'
    body = (
        p(mark("begin"), code, nested, mark("separate"), "shown", mark("end"))
        + p(mark("begin", box), code, mark("end"), " Agreed")
        + p(mark("begin", choice), code, mark("end"))
        + p(mark("begin"), link, mark("separate"), "here", mark("end"), " it is")
        + p('<w:fldSimple w:instr="DATE">' + r("4 May") + "</w:fldSimple>")
        + p(mark("begin"), code)
        + p("After a field without an end")
    )
    assert reading.lines(body) == [
        "shown", "☒ Agreed", "B", "here (https://a.example/b) it is", "4 May", "After a field without an end",
    ]  # fmt: skip


def test_of_alternatives_one_is_read(reading: Reader) -> None:
    box = f"<wps:txbx><w:txbxContent>{paragraph('In a box')}</w:txbxContent></wps:txbx>"
    old = f"<w:pict><v:textbox><w:txbxContent>{paragraph('In a box')}</w:txbxContent></v:textbox></w:pict>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    only = f"<mc:AlternateContent><mc:Choice/><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    assert reading.lines(p("A", f"<w:r>{both}</w:r>")) == ["A", "In a box"]
    assert reading.lines(p("A", f"<w:r>{only}</w:r>")) == ["A", "In a box"]


def test_a_large_first_letter_is_one_of_its_word(reading: Reader) -> None:
    assert reading.lines(p("O", properties='<w:framePr w:dropCap="drop"/>') + p("nce upon a time")) == [
        "Once upon a time"
    ]


def test_word_art_is_read(reading: Reader) -> None:
    assert reading.lines(p("A", '<w:r><w:pict><v:shape><v:textpath string="Sale"/></v:shape></w:pict></w:r>')) == [
        "A",
        "Sale",
    ]


# ---- characters


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        ('<w:r><w:sym w:font="Symbol" w:char="F057"/></w:r>', "Ω"),
        ('<w:r><w:sym w:font="Symbol" w:char="006D"/></w:r>', "μ"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "✓"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>', "→"),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>', "☑"),
        ('<w:r><w:sym w:font="Arial" w:char="03A9"/></w:r>', "Ω"),
        (r("\uf0b0", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'), "°"),
        (r("W", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'), "Ω"),
        (r("W", '<w:rFonts w:ascii="Arial" w:cs="Symbol"/>'), "W"),
        (r("\uf0b1"), "±"),
    ],
)
def test_symbols_are_what_their_font_shows(reading: Reader, run: str, shown: str) -> None:
    assert reading.lines(p("5 k", run, " resistor")) == [f"5 k{shown} resistor"]


def test_tabs_breaks_hyphens_and_readings(reading: Reader) -> None:
    ruby = f"<w:r><w:ruby><w:rubyPr/><w:rt>{r('かんじ')}</w:rt><w:rubyBase>{r('漢字')}</w:rubyBase></w:ruby></w:r>"
    runs = "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/></w:r>"
    tabs = '<w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs>'
    assert reading.lines(p(runs, r("e"), ruby, properties=tabs)) == ["a\tb", "c-de漢字(かんじ)"]


def test_links_name_their_target(reading: Reader) -> None:
    links = relationships(("r1", "hyperlink", "https://book.example/visit"), ("r2", "hyperlink", "mailto:a@b.example"))
    body = p(
        "Book ", f'<w:hyperlink r:id="r1">{r("here")}</w:hyperlink>', " or ",
        f'<w:hyperlink r:id="r2">{r("a@b.example")}</w:hyperlink>', ", see ",
        f'<w:hyperlink w:anchor="x">{r("below")}</w:hyperlink>',
    )  # fmt: skip
    assert reading.lines(body, {"word/_rels/document.xml.rels": links}) == [
        "Book here (https://book.example/visit) or a@b.example, see below"
    ]


# ---- tables


def test_merged_cells_have_their_value_in_each_row_and_column(reading: Reader) -> None:
    body = (
        "<w:tbl>"
        + row("Depot", "Day", "Open")
        + row(cell("North", '<w:vMerge w:val="restart"/>'), "Monday", "8-12")
        + row(cell("", "<w:vMerge/>"), "Tuesday", "9-15")
        + row("South", cell("closed", '<w:gridSpan w:val="2"/>'))
        + row("Friday", "7-9", properties='<w:gridBefore w:val="1"/>')
        + "</w:tbl>"
    )
    assert reading.lines(body) == [
        "Depot | Day | Open", "North | Monday | 8-12", "North | Tuesday | 9-15", "South | closed | closed",
        "| Friday | 7-9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "is_header"),
    [
        (row("2023", "2024", properties="<w:tblHeader/>"), True),
        (row("Model", "Price"), True),
        (row("", "Price"), True),
        (row("Badger", "49 euros"), False),
        (f"<w:tblPr><w:tblLook w:firstRow='0'/></w:tblPr>{row('Model', 'Price')}", False),
    ],
    ids=["marked", "words", "without the first", "numbers", "not shown as one"],
)
def test_rows_know_their_header_row(reading: Reader, first: str, is_header: bool) -> None:
    [block] = reading.blocks(f"<w:tbl>{first}{row('Badger', '49 euros')}{row('Fox', '59 euros')}</w:tbl>")
    assert [rows.header for rows in block.tables] == ([block.text.split("\n")[0]] if is_header else [])
    assert [block.text[rows.start :].startswith("Badger") for rows in block.tables] == [True] * is_header


def test_the_only_cell_of_a_row_lays_out_the_page(reading: Reader) -> None:
    inner = files.table([["Size", "Price"], ["S", "4"]])
    inside = f"{paragraph('Fees', style='berschrift1')}{paragraph('As follows:')}{inner}"
    body = f"<w:tbl><w:tr><w:tc>{inside}</w:tc></w:tr></w:tbl>"
    [block] = reading.blocks(body)
    assert block.section == ("Fees",)
    assert block.text.split("\n") == ["Fees", "As follows:", "Size | Price", "S | 4"]
