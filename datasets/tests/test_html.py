"""A page gives what a visitor reads or can unfold, and no number, question or target of a link is lost or changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.blocks import Block, Origin, Reading
from datasets.ingestion.readers.html import reading_of
from datasets.ingestion.readers.registry import HEAD_BYTES, kind_of, read


def read_page(body: str, *, head: str = "", address: str = "") -> Reading:
    page = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"
    return reading_of(page.encode(), Origin(address=address))


def blocks_of(body: str, *, head: str = "", address: str = "") -> list[Block]:
    return list(read_page(body, head=head, address=address).blocks)


def text_of(body: str, *, head: str = "", address: str = "") -> str:
    return "\n".join(block.text for block in blocks_of(body, head=head, address=address))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("49<sup>1</sup> euros", "49¹ euros"),
        ('49<sup><a href="#n1">1</a></sup> euros', "49¹ euros"),
        ("10<sup>5</sup> newtons", "10⁵ newtons"),
        ("10<sup>-3</sup> m<sup>2</sup>", "10⁻³ m²"),
        ('5 m<span style="vertical-align: super">2</span>', "5 m²"),
        ("H<sub>2</sub>O", "H₂O"),
        ("the 21<sup>st</sup> floor", "the 21st floor"),
        ("x<sup>n+1</sup>", "x^(n+1)"),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>です", "漢字(かんじ)です"),
        ("He said <q>no</q>.", "He said “no”."),
        ("wo<wbr>rd", "word"),
    ],
)
def test_what_is_set_above_or_below_the_line_joins_no_number(body: str, text: str) -> None:
    assert text_of(f"<p>{body}</p>") == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "1/2"),
        ("<mn>1</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "1 1/2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a + b)/2"),
        ("<msup><mn>10</mn><mn>5</mn></msup>", "10⁵"),
        ("<msub><mi>x</mi><mn>1</mn></msub>", "x₁"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x₁²"),
        ("<msqrt><mn>16</mn></msqrt>", "√16"),
        ("<mroot><mn>27</mn><mn>3</mn></mroot>", "³√27"),
        ("<semantics><mrow><mn>4</mn></mrow><annotation>TeX 4</annotation></semantics>", "4"),
        ("<mn>3</mn><mo>&#x2062;</mo><mi>y</mi>", "3y"),
    ],
)
def test_formulas_keep_their_meaning(formula: str, text: str) -> None:
    assert text_of(f"<p><math>{formula}</math></p>") == text


def test_a_formula_does_not_run_into_the_number_before_it() -> None:
    body = "<p>1<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> cups, and <math><mn>3</mn></math>.</p>"

    assert text_of(body) == "1 1/2 cups, and 3."


@pytest.mark.parametrize(
    "old",
    [
        "<s>80</s>", "<strike>80</strike>", "<del>80</del>", '<span style="text-decoration: line-through">80</span>',
        '<b style="text-decoration-line:line-through">80</b>', "<span class=old>80</span>", "<span hidden>80</span>",
        '<span style="display:none">80</span>', '<div style="visibility: hidden">80</div>', "<!-- 80 -->",
        "<template>80</template>", "<script>80</script>", "<noscript>80</noscript>", "<span class=gone>80</span>",
        '<i aria-hidden="true">80</i>', "<p id=secret>80</p>",
    ],
)  # fmt: skip
def test_what_is_struck_out_or_hidden_is_left_out(old: str) -> None:
    style = "<style>.old, .x{color:red;text-decoration:line-through} .gone{display:none} #secret{display:none}</style>"

    assert text_of(f"<p>Price: {old} 60 euros</p>", head=style).replace("\n", " ").split() == [
        "Price:", "60", "euros",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "style",
    [
        "@media print {.part {display: none}}",
        "@media (max-width: 600px) { .other {color: red} .part{display:none} }",
        ".part{display:none} .part.open{display:block}",
        "body.busy .part{display:none}",
        "/* .part{display:none} */",
    ],
)
def test_a_style_that_hides_at_times_hides_nothing(style: str) -> None:
    assert text_of("<p class=part>60 euros</p>", head=f"<style>{style}</style>") == "60 euros"


ANSWER = "Yes, for 20 euros."


@pytest.mark.parametrize(
    "accordion",
    [
        '<button aria-expanded="false" aria-controls="p1">{q}</button><div id="p1" hidden>{a}</div>',
        '<h3><button data-bs-toggle="collapse" data-target="#p1">{q}</button></h3><div id=p1 class=pane>{a}</div>',
        '<button class="accordion">{q}</button><div class="panel" style="display:none"><p>{a}</p></div>',
        '<div role="button" tabindex=0>{q}</div><div style="display:none">{a}</div>',
        '<h3><span role="button">{q}</span></h3><div hidden>{a}</div>',
        "<details><summary>{q}</summary><p>{a}</p></details>",
        "<details><summary><h4>{q}</h4></summary>{a}</details>",
        '<div class=faq><div class=faq-q>{q}</div><div class=faq-a style="display:none">{a}</div></div>',
        '<dl><dt><button>{q}</button></dt><dd style="display:none" class=accordion-body>{a}</dd></dl>',
        '<ul role=tablist><li><a href="#t1">{q}</a></li></ul><div id=t1 style="display:none">{a}</div>',
        '<button role=tab>{q}</button><section role=tabpanel hidden>{a}</section>',
        "<div><button type=button><span>{q}</span><svg></svg></button><div>{a}</div></div>",
        '<button aria-controls=p1>{q}</button><div id=p1 hidden="until-found">{a}</div>',
        '<ul class=accordion><li><a href="javascript:void(0)">{q}</a><div style="display:none">{a}</div></li></ul>',
        '<label for=b>{q}</label><input id=b type=checkbox class=toggle><div style="display:none">{a}</div>',
        '<h3 onclick="t(1)">{q}</h3><div style="display:none">{a}</div>',
        '<a href="#">{q}</a><div style="display:none">{a}</div>',
        '<h3>{q}</h3><div style="display:none">{a}</div>',
    ],
)  # fmt: skip
def test_questions_and_answers_that_a_visitor_can_unfold_are_read(accordion: str) -> None:
    text = text_of(accordion.format(q="Do you ship to Iceland?", a=ANSWER))

    assert text.index("Do you ship to Iceland?") < text.index(ANSWER)


@pytest.mark.parametrize(
    "button", ["<button>Send</button>", "<button type=submit>Buy now</button>", "<button></button>"]
)
def test_buttons_that_only_do_something_are_left_out(button: str) -> None:
    assert text_of(f"<p>Nine to five.</p><form>{button}</form>") == "Nine to five."


@pytest.mark.parametrize(
    "heading",
    [
        "<h2><div>Opening hours</div></h2>",
        "<h2><p>Opening</p><p>hours</p></h2>",
        "<h2><a href='/x'><span>Opening</span> <b>hours</b></a></h2>",
        "<h2>Opening<br>hours</h2>",
        '<h2>Opening hours<a class="headerlink" href="#opening">¶</a></h2>',
    ],
)
def test_a_heading_is_one_whatever_is_inside(heading: str) -> None:
    blocks = blocks_of(f"<h1>Help</h1>{heading}<p>Nine to five.</p>")

    assert blocks[-1] == Block("Help\nOpening hours\nNine to five.", ("Help", "Opening hours"))


def test_a_heading_that_is_never_closed_does_not_swallow_the_page() -> None:
    text = "Everything after it is a part of the heading, as the parser sees it. " * 10
    blocks = blocks_of(f"<h1>Help<div>{text}</div><div>More.</div>")

    assert len(blocks[0].section[0]) <= 250
    assert "More." in blocks[-1].text


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="https://book.example/visit">here</a>', "here (https://book.example/visit)"),
        ('<a href="/visit?a=1#b">here</a>', "here (https://shop.example/visit?a=1#b)"),
        ('<a href="visit">here</a>', "here (https://shop.example/help/visit)"),
        ('<a href="//cdn.example/a.pdf">form</a>', "form (https://cdn.example/a.pdf)"),
        ('<a href="mailto:a@b.example">us</a>', "us (a@b.example)"),
        ('<a href="tel:+4930123456">030 123456</a>', "030 123456"),
        ('<a href="https://book.example">book.example</a>', "book.example"),
        ('<a href="#part">part</a>', "part"),
        ('<a href="https://shop.example/help/page#part">part</a>', "part"),
        ('<a href="javascript:go()">go</a>', "go"),
        ('<a href="https://[broken">broken</a>', "broken"),
        ('<a href="https://a.example/b c">d</a>', "d (https://a.example/b%20c)"),
        ("<a>nothing</a>", "nothing"),
    ],
)
def test_links_say_where_they_lead(link: str, text: str) -> None:
    assert text_of(f"<p>{link}</p>", address="https://shop.example/help/page") == text


@pytest.mark.parametrize(
    "head",
    ['<base href="https://shop.example/">', '<link rel="canonical" href="https://shop.example/a">'],
)
def test_a_saved_page_may_say_where_it_is_from(head: str) -> None:
    assert text_of('<p><a href="/visit">here</a></p>', head=head) == "here (https://shop.example/visit)"


def test_a_relative_link_of_nowhere_has_no_target() -> None:
    assert text_of('<p><a href="/visit">here</a></p>') == "here"


def test_links_by_which_visitors_find_their_way_have_no_target() -> None:
    body = (
        '<div class="menu"><a href="https://a.example/1">One</a></div><footer><a href="https://a.example/2">Two</a></footer>'
        '<p><a href="https://a.example/3">Three</a> and again <a href="https://a.example/3">Three</a></p>'
    )

    words = "One Two Three (https://a.example/3) and again Three"
    assert text_of(body).replace("\n", " ").split() == words.split()


def test_a_card_that_is_a_link_is_read_by_its_blocks() -> None:
    body = '<a href="https://a.example/1"><h3>Cup</h3><p>Blue</p></a>'

    assert text_of(body).split("\n") == ["Cup", "Blue", "", "(https://a.example/1)"]


def test_merged_cells_repeat_what_they_say() -> None:
    body = """<table><caption>Prices</caption>
    <tr><th rowspan=2>Area</th><th colspan=2>Prices</th></tr><tr><th>Adults</th><th>Children</th></tr>
    <tr><td rowspan=2>North</td><td>4</td><td>2</td></tr><tr><td>5</td><td>3</td></tr></table>"""

    [block] = blocks_of(body)

    assert block.text.split("\n") == [
        "Prices", "Area | Prices | Prices", "Area | Adults | Children", "North | 4 | 2", "North | 5 | 3",
    ]  # fmt: skip
    [rows] = block.tables
    assert rows.header == "Area | Prices | Prices\nArea | Adults | Children"
    assert block.text[rows.start : rows.end].strip() == "North | 4 | 2\nNorth | 5 | 3"


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ("<thead><tr><td>Size<td>Price</thead><tr><td>S<td>4<tr><td>M<td>5", "Size | Price"),
        ("<tr><td>Size<td>Price<tr><td>S<td>4<tr><td>M<td>5", "Size | Price"),
        ("<tr><td>S<td>4<tr><td>M<td>5<tr><td>L<td>6", ""),
        ("<tr><th>Size<td>S<tr><th>Price<td>4<tr><th>Tax<td>1", ""),
        ("<tr><th colspan=2>Duck<tr><th>Class<td>Aves", ""),
    ],
)
def test_the_header_row_is_known(rows: str, header: str) -> None:
    [block] = blocks_of(f"<table>{rows}</table>")

    assert "".join(table.header for table in block.tables) == header


def test_cells_of_several_lines_are_one_line() -> None:
    cell = "8<br>12<ul><li>a</li><li>b</li></ul>"
    body = f"<table><tr><th>Day</th><th>Open</th></tr><tr><td>Monday</td><td>{cell}</td></tr></table>"

    assert text_of(body).split("\n")[1] == "Monday | 8 12; a; b"


def test_a_table_in_a_cell_is_a_part_of_it() -> None:
    inner = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"

    assert "North | a | b; 1 | 2" in text_of(
        f"<table><tr><th>Area</th><th>x</th></tr><tr><td>North</td><td>{inner}</td></tr></table>"
    )


def test_a_table_that_arranges_a_page_is_none() -> None:
    blocks = blocks_of("<table><tr><td><h2>Left</h2><p>text</p></td><td><h2>Right</h2>other</td></tr></table>")

    assert [block.section for block in blocks] == [("Left",), ("Right",)]


@pytest.mark.parametrize(
    "spans", ["rowspan=65534 colspan=1000", "rowspan=0", "rowspan=x colspan=-1", "colspan=99999999999"]
)
def test_spans_without_measure_do_no_harm(spans: str) -> None:
    rows = "".join(f"<tr><td {spans}>{'x' * 200}</td><td>{number}</td></tr>" for number in range(300))

    text = text_of(f"<table>{rows}</table>")

    assert "299" in text
    assert len(text) < 20_000_000


def test_terms_stand_before_their_descriptions() -> None:
    body = "<dl><dt>Price</dt><dd>4 €</dd><dt>Do you ship?</dt><dd><p>Yes.</p><p>Daily.</p></dd><dt>Alone</dt></dl>"

    assert [line for line in text_of(body).split("\n") if line] == [
        "Price: 4 €",
        "Do you ship? Yes.",
        "Daily.",
        "Alone",
    ]


def test_lists_keep_their_numbers() -> None:
    inner = "<ul><li>slowly</li></ul>"
    body = f"<ol start=3><li><p>Open</p></li><li>Close{inner}</li><li value=9>Lock</li></ol><ul><li>x</li></ul>"

    assert [line for line in text_of(body).split("\n") if line] == ["3. Open", "4. Close", "- slowly", "9. Lock", "- x"]


def test_pictures_and_fields_say_what_they_say() -> None:
    body = (
        '<p><img alt="Blue cup"> <img alt="photo_1.jpg"> <img alt=""> <input value="48213"> '
        "<input type=hidden value=7> "
        "<input type=checkbox checked> Yes <input type=radio> No <select><option>S<option>M</select></p>"
    )

    assert text_of(body) == "Blue cup 48213 ☑ Yes ☐ No S, M"


def test_words_in_blocks_never_run_into_each_other() -> None:
    body = '<div>49</div><div>1</div><span style="display:block">2</span><x-price>3</x-price>4'

    assert text_of(body).split() == ["49", "1", "2", "3", "4"]


def test_fields_beside_each_other_are_two() -> None:
    assert text_of("<textarea>4</textarea><output>5</output><meter>6 of 7</meter><label>8</label>") == "4 5 6 of 7 8"


def test_code_keeps_its_lines() -> None:
    assert text_of("<pre>  a = 1\n    b = 2\n</pre>") == "  a = 1\n    b = 2"


def test_a_page_of_scripts_says_what_it_says_to_those_without() -> None:
    assert text_of("<noscript>Call 030 123.</noscript><div id=app></div>") == "Call 030 123."


@pytest.mark.parametrize("how", ["hidden", 'style="visibility:hidden"', 'style="display: none"'])
def test_a_page_that_waits_for_its_scripts_is_read(how: str) -> None:
    assert reading_of(f"<html><body {how}><p>60 euros</p></body></html>".encode()).blocks[0].text == "60 euros"


def test_text_in_a_declared_shadow_is_read() -> None:
    assert (
        text_of('<x-card><template shadowrootmode="open"><p>In the shadow</p></template></x-card>') == "In the shadow"
    )


@pytest.mark.parametrize(
    ("label", "raw", "text"),
    [
        ("iso-8859-1", b"L\x92abonnement co\xfbte 35 \x80 par mois", "L’abonnement coûte 35 € par mois"),
        ("windows-1250", "Łódź i żółw".encode("cp1250"), "Łódź i żółw"),
        ("shift_jis", "工房は開いています".encode("cp932"), "工房は開いています"),
        ("gb2312", "维修店①".encode("gb18030"), "维修店①"),
    ],
)
def test_a_page_is_read_in_the_encoding_it_declares(tmp_path: Path, label: str, raw: bytes, text: str) -> None:
    page = f"<html><head><meta charset={label}></head><body><p>".encode() + raw + b"</p></body></html>"
    path = tmp_path / "a.html"
    path.write_bytes(page)

    found = read(path, kind_of("a.html", page[:HEAD_BYTES]), lambda _done, _total: None)

    assert (found.blocks[0].text, found.notices) == (text, ())


def test_the_servers_word_goes_before_the_pages() -> None:
    page = b"<html><meta charset=iso-8859-1><body><p>" + "Łódź".encode("cp1250") + b"</p>"

    assert reading_of(page, Origin(charset="windows-1250")).blocks[0].text == "Łódź"


def test_the_language_of_a_page_settles_what_its_bytes_leave_open() -> None:
    page = b"<html lang=pl><body><p>" + "5 zł".encode("cp1250") + b"</p>"

    assert reading_of(page).blocks[0].text == "5 zł"
