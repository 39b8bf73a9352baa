"""Hostile texts, wherever a model, a document, a visitor or a tenant may put them: nothing runs, nothing is fetched.

The pages here have no policy: what would run, runs, and is seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from chat.visitors.tests.rendering import renderer
from chat.visitors.widget.script import widget_script
from chatcms.core.text.modeltext import render
from chatcms.tests.browser import opened
from chatcms.tests.waiting import settle_page

_DATA = Path(__file__).parent / "data"
HOSTILE: list[str] = json.loads((_DATA / "hostile.json").read_text(encoding="utf-8"))
_EVERY_PLACE = _DATA / "every_place.js"
# Any of these called means that somebody else's script has run.
_HOOKS = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (what) => ran.push([name, String(what)]);
"""
# What rendered text may be made of; whatever else appears is a finding.
_STRANGE = """
window.strange = (root, tags, attributes) => [...root.querySelectorAll("*")].flatMap((element) => [
  ...(tags.includes(element.localName) ? [] : [`<${element.localName}>`]),
  ...[...element.attributes].filter(({ name, value }) => !attributes.includes(name)
    || (name === "href" && !/^(https?|mailto):/i.test(element.protocol))).map(({ name, value }) => `${name}=${value}`),
]);
"""
_TAGS = [
    *(
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "s",
    ),
    *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
]
_ATTRIBUTES = ["href", "target", "rel", "start"]
_AROUND = ["{}", "Words before {} and after.", "- {}", "| a |\n|---|\n| {} |", "[{}](https://a.example)", "> # **{}"]
# Time for what was set off to happen: images that fail, timers, refreshes.
SETTLE_SECONDS = 1.5


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 150


def test_streamed_text_is_harmless_at_every_boundary_of_every_piece(browser: Browser) -> None:
    texts = [around.replace("{}", text) for text in HOSTILE for around in _AROUND]
    with renderer(browser, policy="script-src 'self' 'unsafe-inline' *") as page:
        foreign = _requests_of(page)
        page.evaluate(f"() => {{ {_HOOKS} {_STRANGE} }}")
        findings, shown = page.evaluate(
            """([texts, tags, attributes]) => {
              const findings = [];
              let shown = 0;
              for (const text of texts) {
                const target = document.body.appendChild(document.createElement("div"));
                for (let end = 1; end <= text.length; end += 1) {
                  showRendered(target, renderMarkdown(text.slice(0, end)));
                  shown += 1;
                  const found = strange(target, tags, attributes);
                  if (found.length) findings.push([text.slice(0, end), found]);
                }
                target.remove();
              }
              return [findings, shown];
            }""",
            [texts, _TAGS, _ATTRIBUTES],
        )
        settle_page(page, SETTLE_SECONDS)

        assert findings == []
        assert shown > 40_000
        assert page.evaluate("ran") == []
    assert foreign == []


def test_the_servers_rendering_is_harmless(browser: Browser) -> None:
    texts = [around.replace("{}", text) for text in HOSTILE for around in _AROUND]
    with opened(browser) as page:
        foreign = _requests_of(page)
        page.goto("about:blank")
        page.evaluate(f"() => {{ {_HOOKS} {_STRANGE} }}")
        page.evaluate(
            """(htmls) => {
              for (const html of htmls) document.body.appendChild(document.createElement("div")).innerHTML = html;
            }""",
            [str(render(text)) for text in texts],
        )
        settle_page(page, SETTLE_SECONDS)

        told = page.evaluate("([tags, names]) => strange(document.body, tags, names)", [[*_TAGS, "div"], _ATTRIBUTES])
        assert told == []
        assert page.evaluate("ran") == []
    assert foreign == []


def test_the_widget_shows_each_in_every_place_byte_by_byte_and_is_harmless(browser: Browser) -> None:
    with _widget_page(browser) as (page, foreign):
        results = page.evaluate(_EVERY_PLACE.read_text(encoding="utf-8"), HOSTILE)
        settle_page(page, SETTLE_SECONDS)

        assert [each for each in results if each["state"] != "done" or each["strange"]] == []
        assert len(results) == len(HOSTILE)
        assert page.evaluate("ran") == []
    assert foreign == []


@contextmanager
def _widget_page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    script = widget_script().text.decode()
    with opened(browser) as page:
        foreign = _requests_of(page)
        page.add_init_script(_HOOKS)
        html = "<!doctype html><html lang='en'><title>Shop</title><body><script src='/v1.js'></script>"

        def answer(route: Route) -> None:
            is_script = route.request.url.endswith(".js")
            route.fulfill(
                body=script if is_script else html, content_type="text/javascript" if is_script else "text/html"
            )

        page.route("http://shop.test/**", answer)
        page.goto("http://shop.test/")
        yield page, foreign


def _requests_of(page: Page) -> list[str]:
    """Collect every request for anything that is not of the page's own making."""
    asked: list[str] = []

    def ask(route: Route, *_: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route(lambda address: not address.startswith(("http://renderer.test/", "http://shop.test/", "about:")), ask)
    return asked
