"""The kit that tests of pages lean on: it must find what is wrong, also where pages forbid everything."""

from __future__ import annotations

import hashlib
import json
import re

from playwright.sync_api import Browser, Page, Route

from chatcms.config.environment import BASE_DIR
from chatcms.tests.browser import VENDOR, axe, complaints_of, looks, opened, shortcomings, sideways
from chatcms.tests.waiting import until_shown

STRICT = "default-src 'none'; style-src 'nonce-x'; require-trusted-types-for 'script'"
GOOD = "<main><h1>Bots</h1><p>All is well.</p></main>"


def show(page: Page, body: str, *, style: str = "") -> None:
    """Show a page of our own under a policy that allows nothing."""
    html = f'<!doctype html><html lang="en"><title>Bots</title><style nonce="x">{style}</style><body>{body}</html>'

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": STRICT})

    page.route("http://kit.test/", answer)
    page.goto("http://kit.test/")


def test_a_good_page_has_no_shortcomings(browser: Browser) -> None:
    with opened(browser) as page:
        complaints = complaints_of(page)
        show(page, GOOD, style=":root { color-scheme: light dark }")

        assert shortcomings(page) == []
        assert complaints == []


def test_axe_finds_what_hinders_people_even_under_the_strictest_policy(browser: Browser) -> None:
    with opened(browser) as page:
        show(page, f"{GOOD}<img src='data:,'><button></button>")

        found = [line.split(":")[0] for line in axe(page)]

    assert {"image-alt", "button-name"} <= set(found)


def test_targets_too_small_for_a_finger_are_found(browser: Browser) -> None:
    with opened(browser) as page:
        small = "button { width: 10px; height: 10px; padding: 0; margin: 0 }"
        show(page, f"{GOOD}<main><button>a</button><button>b</button></main>", style=small)

        assert any(line.startswith("target-size") for line in axe(page))


def test_low_contrast_is_found_in_the_scheme_that_has_it(browser: Browser) -> None:
    # With a background of its own: axe takes a page without one to be white in each scheme.
    pale = ":root { color-scheme: light dark; background: light-dark(#fff, #000) } p { color: light-dark(#000, #333) }"
    with opened(browser) as page:
        show(page, GOOD, style=pale)

        found = shortcomings(page)

    assert {line.split(":")[0] for line in found} == {"1280-dark", "390-dark", "320-dark"}


def test_schemes_differ_in_colours_alone() -> None:
    # `light-dark()` takes nothing but colours. What the kit leaves out at the second scheme of a width rests on this.
    sheets = [path for path in (BASE_DIR / "static").rglob("*.css") if "vendor" not in path.parts]
    assert any("light-dark(" in path.read_text(encoding="utf-8") for path in sheets)
    assert [path for path in sheets if "prefers-color-scheme" in path.read_text(encoding="utf-8")] == []
    chosen = re.compile(r"\[data-scheme[^\]]*\][^{]*\{([^}]*)\}")
    rules = [rule.strip() for path in sheets for rule in chosen.findall(path.read_text(encoding="utf-8"))]
    assert set(rules) == {"color-scheme: light;", "color-scheme: dark;"}


def test_what_is_too_wide_is_named(browser: Browser) -> None:
    with opened(browser, width=320) as page:
        show(page, "<main><h1>Bots</h1><div class='wide'>x</div></main>", style=".wide { width: 400px }")

        assert sideways(page) == ["the page is 408px wide: div.wide"]


def test_a_page_is_as_it_was_after_all_looks(browser: Browser) -> None:
    with opened(browser, width=700) as page:
        seen = [str(look) for look in looks(page)]

        assert len(seen) == 6
        assert page.viewport_size == {"width": 700, "height": 900}


def test_complaints_are_errors_and_foreign_requests(browser: Browser) -> None:
    with opened(browser) as page:
        complaints = complaints_of(page)
        show(page, GOOD)
        page.evaluate("() => { setTimeout(() => { throw new Error('broken') }); }")
        page.evaluate("() => fetch('http://foreign.test/').catch(() => null)")
        until_shown(page, lambda: any("broken" in each for each in complaints), "the script's error")
        until_shown(page, lambda: any("Content Security Policy" in each for each in complaints), "the policy's refusal")


def test_vendored_files_are_what_their_list_says() -> None:
    listed = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))

    for each in listed:
        assert hashlib.sha256((VENDOR / each["file"]).read_bytes()).hexdigest() == each["sha256"], each["name"]
        assert (VENDOR / each["file"]).with_name("LICENSE").exists()
