"""Markdown is kept as written, but for what its readers never see and what its marks change the meaning of."""

from __future__ import annotations

import pytest

from datasets.ingestion.readers.markdown import blocks_of


def text_of(text: str) -> str:
    return "\n".join(block.text for block in blocks_of(text))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("~~80 euros~~ 60 euros", "60 euros"),
        ("<s>80</s> <del>70</del> <strike>65</strike> 60 euros", "60 euros"),
        ('<span style="text-decoration:line-through">80</span> 60 euros', "60 euros"),
        ('<span hidden>80</span> <b style="display: none">70</b> 60 euros', "60 euros"),
        ("~~80\neuros~~ 60 euros", "60 euros"),
        ("<!-- 80 --> 60 euros", "60 euros"),
        ("<!--\n80\n\n# No heading\n-->\n60 euros", "60 euros"),
        ("<!-- 80\n```\n-->\n60 euros", "60 euros"),
        ("`~~80~~ <!-- 80 --> <s>80</s>` 60 euros", "`~~80~~ <!-- 80 --> <s>80</s>` 60 euros"),
        ("```\n~~80~~ <!-- 80 -->\n```", "```\n~~80~~ <!-- 80 -->\n```"),
        ("~80~ and ~ ~~ 60 euros", "~80~ and ~ ~~ 60 euros"),
        ("<!-- 80 is never closed", "<!-- 80 is never closed"),
        ("<del>80 is never closed", "80 is never closed"),
        ("<input hidden> 60 euros", "<input hidden> 60 euros"),
        ("49<sup>1</sup> euros, 10<sup>5</sup>, H<sub>2</sub>O", "49¹ euros, 10⁵, H₂O"),
        ("a < b and b > c", "a < b and b > c"),
        ("line<br>line", "line<br>line"),
    ],
)
def test_what_is_struck_out_or_hidden_is_left_out(written: str, shown: str) -> None:
    assert text_of(written).strip() == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[here][book]", "[here](https://book.example/visit)"),
        ("[Book][]", "[Book](https://book.example/visit)"),
        ("[book]", "[book](https://book.example/visit)"),
        ("[x] done, [1], [here](https://a.example), ![book]", "[x] done, [1], [here](https://a.example), ![book]"),
        ("`[book]`", "`[book]`"),
        ("![cup](data:image/png;base64,AAAA) blue", "![cup] blue"),
    ],
)
def test_links_keep_their_targets_wherever_these_are_written(written: str, shown: str) -> None:
    assert text_of(f'{written}\n\n[book]: <https://book.example/visit> "Visit"\n').strip() == shown


@pytest.mark.parametrize(
    "code",
    [
        "```npm install acme```",
        "``` npm install ```",
        "```sh\n# not a heading\n```",
        "~~~\n# not a heading\n~~~",
        "````\n```\n# not a heading\n```\n````",
        "```\n# not a heading\n``` not the end\n# not a heading\n```",
    ],
)
def test_code_ends_where_it_ends(code: str) -> None:
    sections = [block.section for block in blocks_of(f"# Install\n\n{code}\n\n## Configure\n\nSet the port.\n")]

    assert sections == [("Install",), ("Install", "Configure")]


def test_the_rows_of_a_table_know_their_header() -> None:
    [block] = blocks_of("Prices:\n\n| Size | Price |\n|---|--:|\n| S | 4 |\n| M | 5 |\n\nAfter | it\n")

    [rows] = block.tables
    assert rows.header == "| Size | Price |"
    assert block.text[rows.start : rows.end].strip() == "| S | 4 |\n| M | 5 |"


def test_no_line_is_taken_for_a_table_without_its_rule() -> None:
    assert [block.tables for block in blocks_of("a | b\nc | d\n\n---\n- x | y\n")] == [()]
