"""No pattern and no function of text of the scripts takes more than its share of time for a longer text."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from chat.visitors.tests.rendering import renderer
from chatcms.config.environment import BASE_DIR
from chatcms.tests.growth import FRAMES, UNITS, steepest
from chatcms.tests.scripts import Literal, literals, scripts

# The longest text; it is compared with a half and a quarter of it.
LENGTH = 12_000
# Each character of a text makes elements, for which a browser takes far longer than for a pattern.
SHORTER = 3_000
# Marks of Markdown that only begin something.
MORE_FRAMES = (("|-", "x"), ("- ", "x"))
LINES = ("x\n", "> x\n", "- x\n", "`` ` ", "|x|\n|-|\n")
# How a script calls a text that somebody else may have written.
TEXTS = {"text", "body", "block", "markdown", "content", "line", "label", "answer", "question"}
# What measures them: those with no name are inside another one.
MEASURED = {"markdown.js: renderMarkdown": "renderMarkdown", "sse.js: readEvents": "events"}
# They hand a text on as it is.
NOT_OF_LENGTH = {"confirm.js: ask", "element.js: complain", "toasts.js: toast"}
# The two that are made while the script runs stand for runs of backticks, which the renderer's texts hold.
MADE = {"markdown.js": 2}

_EXPORTED = re.compile(r"^export (?:async )?function\*? (\w+)\((\w+)", re.MULTILINE)
_MEASURE = r"""async ({ units, frames, length, shorter }) => {
  const negligible = 20;
  const most = 9;  // four times the text takes four times as long where work is linear, and sixteen where it is not
  const took = async (work, text) => {
    const began = performance.now();
    await work(text);
    return performance.now() - began;
  };
  const growth = async (work, shape, length) => {
    if (await took(work, shape(length)) < negligible) return 0;
    let least = Infinity;
    for (let tries = 0; tries < 4 && least >= most; tries += 1) {
      const best = async (size) => Math.min(await took(work, shape(size)), await took(work, shape(size)));
      const [quarter, half, whole] = [await best(length / 4), await best(length / 2), await best(length)];
      const grown = Math.min(whole / Math.max(quarter, 0.1), (whole / Math.max(half, 0.1)) ** 2);
      least = Math.min(least, whole < negligible ? 0 : grown);
    }
    return least;
  };
  window.steepest = async (work, ofManySteps = false) => {
    const found = {};
    const [places, longest] = ofManySteps ? [[["# a", "b"], ["> x\n", ""]], shorter] : [frames, length];
    for (const unit of units) for (const [before, after] of places) {
      const grown = await growth(work, (size) => before + unit.repeat(size / unit.length) + after, longest);
      if (grown < most) continue;
      found[JSON.stringify(`${before}${unit}…${after}`)] = Math.round(grown);
      if (Object.keys(found).length > 2) return found;
    }
    return found;
  };
  const searched = (pattern, flags) => {
    const wanted = new RegExp(pattern, flags.replace("g", ""));
    const every = new RegExp(pattern, flags.includes("g") ? flags : `${flags}g`);
    // What looks around may look far for each match; anything else is slowest where nothing matches.
    const looksAround = /\(\?<?[=!]/.test(pattern);
    return (text) => { if (looksAround) text.replace(every, ""); else text.search(wanted); };
  };
  window.steepestOfAll = async (patterns) => {
    const found = {};
    for (const [pattern, flags] of patterns) {
      const slow = await steepest(searched(pattern, flags));
      if (Object.keys(slow).length) found[pattern] = slow;
    }
    return found;
  };
  const { readEvents } = await import("/static/js/sse.js");
  window.events = async (text) => {
    // As a network may give them: a few characters at a time.
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    const body = new ReadableStream({
      pull(to) { if (at < bytes.length) to.enqueue(bytes.slice(at, at += 32)); else to.close(); },
    });
    try { for await (const _ of readEvents(body)); } catch { /* Not every text is JSON. */ }
  };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with renderer(browser) as page:
        page.evaluate(
            _MEASURE,
            {"units": (*UNITS, *LINES), "frames": (*FRAMES, *MORE_FRAMES), "length": LENGTH, "shorter": SHORTER},
        )
        yield page


def slow_ones(page: Page, patterns: Iterable[Literal]) -> dict[str, dict[str, int]]:
    given = [[one.pattern, one.flags] for one in patterns]
    found: dict[str, dict[str, int]] = page.evaluate("patterns => steepestOfAll(patterns)", given)
    return found


def all_literals() -> list[Literal]:
    return sorted(set().union(*(literals(path.read_text("utf-8")) for path in scripts())))


def test_literals_are_told_from_divisions_comments_and_strings() -> None:
    source = r"""
      const a = b / c / d; // no /comment/
      call(/one[/]\/x/gi, "/no/", '/no/') / 2; /* /no/ */
      const t = `/no/ ${x.replace(/two/u, `${/three/.exec(y)}`)} /no/`; return /four/
    """
    assert {one.pattern for one in literals(source)} == {r"one[/]\/x", "two", "three", "four"}


def test_a_quadratic_pattern_of_a_script_is_found(page: Page) -> None:
    # What else the machine does can hide how steep it is, so it is looked for more than once.
    assert any(slow_ones(page, [Literal(r"(?:x|\s)+$", "u")]) for _ in range(20))


def test_a_linear_pattern_of_a_script_is_let_through(page: Page) -> None:
    assert slow_ones(page, [Literal(r"\s+#?", "u")]) == {}


def test_no_pattern_of_a_script_repeats_what_overlaps(page: Page) -> None:
    assert slow_ones(page, all_literals()) == {}


def test_no_pattern_of_a_script_is_steep_where_a_browser_is_less_clever() -> None:
    # Chromium skips what `\s*#` would try again and again; other browsers do not, and Python does not either.
    found = {}
    for one in all_literals():
        with contextlib.suppress(re.error):  # what only a browser understands
            found[one.pattern] = steepest(re.compile(one.pattern).search)
    assert len(found) > 20
    assert {pattern: slow for pattern, slow in found.items() if slow} == {}


@pytest.mark.parametrize("work", MEASURED.values())
def test_a_function_of_text_of_a_script_takes_its_share_of_time(page: Page, work: str) -> None:
    assert page.evaluate(f"() => steepest({work}, true)") == {}


def test_every_function_of_text_of_a_script_is_measured() -> None:
    exported = {
        f"{path.name}: {found[1]}"
        for path in scripts()
        for found in _EXPORTED.finditer(path.read_text("utf-8"))
        if found[2] in TEXTS
    }
    assert exported - NOT_OF_LENGTH == set(MEASURED)


def test_patterns_are_written_as_literals() -> None:
    made = {path.name: path.read_text("utf-8").count("new RegExp(") for path in scripts()}
    assert {name: count for name, count in made.items() if count} == MADE
    assert all((BASE_DIR / "static/widget" / name).is_file() for name in MADE)
