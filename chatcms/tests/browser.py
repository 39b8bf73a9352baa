"""What tests of pages share: real Chromium, axe, the sizes and schemes people use, sideways scroll, pictures.

A test takes the fixture `browser` (of its module: starting one takes a second) and opens pages with `opened`:

    def test_the_page_is_fit_for_everybody(browser: Browser, transactional_db: None) -> None:
        with live.web_server() as address, opened(browser) as page:
            complaints = complaints_of(page)
            page.goto(f"{address}/t/acme/")
            expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
            assert shortcomings(page, picture="portal:dashboard") == []
            assert complaints == []

A picture is called after the name of its page's address (`tenants:members`), with a word behind it where there are
several (`tenants:members none`): `chatcms/portal/tests/test_every_page.py` knows by that which pages are looked at.
`SCREENSHOTS=folder pytest …` keeps the pictures, to be looked at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

from chatcms.tests.waiting import PATIENCE_SECONDS
from tenants.models import User

Scheme = Literal["light", "dark"]

VENDOR = Path(__file__).parent / "vendor"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Width and height in CSS pixels: a desktop, a phone, and the narrowest that WCAG asks for (1280 px at 400 %).
SIZES = {1280: 900, 390: 844, 320: 640}
# WCAG 2.2 A and AA, and what axe holds to be good practice besides.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# How long a page may take to load, to show what is expected and to take a click: as long as every other wait of tests.
PATIENCE_MS = 1000 * PATIENCE_SECONDS
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)

_AXE = """async options => {
  const {violations} = await axe.run(options.within ?? document, options.run);
  return violations.flatMap(({id, help, nodes}) => nodes.map(
    node => `${id}: ${help}: ${node.target.flat().join(' ')} ${node.any.map(check => check.message).join('; ')}`));
}"""
# Whatever is wider than the window, unless a box of its own scrolls it; the document alone would hide which part it is.
_SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const told = element => element.tagName.toLowerCase() + [...element.classList].map(name => `.${name}`).join('');
  const wide = [...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > width + 1
    || each.getBoundingClientRect().left < -1);
  return [`the page is ${document.documentElement.scrollWidth}px wide: ` + wide.slice(0, 5).map(told).join(', ')];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a real Chromium for the tests of a module, which may use the ORM beside it."""
    with pytest.MonkeyPatch.context() as patch, launched() as chromium:
        # The browser's driver runs an event loop in the test's own thread, where Django would refuse the ORM.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield chromium


@contextmanager
def launched() -> Iterator[Browser]:
    """Start a Chromium of the system and end it with the block."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


def chromium_path() -> str | None:
    """Return which Chromium to use: `CHROMIUM_PATH`, or the first on the path."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@contextmanager
def opened(browser: Browser, *, width: int = 1280, scheme: Scheme = "light", **options: Any) -> Iterator[Page]:
    """Open a page in a context of its own (cookies, storage), without motion; `options` are a context's."""
    context = browser.new_context(
        viewport={"width": width, "height": SIZES.get(width, 900)},
        color_scheme=scheme,
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


def signed_in(page: Page, user: User, address: str) -> Page:
    """Give the page's browser a session of the user at that address, without going through the sign-in page."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    return page


def complaints_of(page: Page) -> list[str]:
    """Collect from now on what a page should never do: errors of scripts and console (CSP too), foreign requests."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if urlsplit(request.url).hostname not in {urlsplit(page.url).hostname, None, ""}:
            complaints.append(f"foreign request: {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("request", lambda request: None if request.is_navigation_request() else asked(request))
    return complaints


@dataclass(frozen=True)
class Look:
    """One way in which a page is looked at."""

    width: int
    scheme: Scheme

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


ALL_LOOKS = tuple(Look(width, scheme) for width in SIZES for scheme in SCHEMES)
# For many pages made of the same few parts: what breaks one look mostly breaks one of these.
TWO_LOOKS = (Look(1280, "light"), Look(320, "dark"))


def looks(page: Page, wanted: Iterable[Look] = ALL_LOOKS) -> Iterator[Look]:
    """Show a page in each width and scheme in turn; afterwards it is as it was."""
    before = page.viewport_size
    for look in wanted:
        page.set_viewport_size({"width": look.width, "height": SIZES[look.width]})
        page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        yield look
    page.emulate_media(color_scheme=SCHEMES[0])
    if before:
        page.set_viewport_size(before)


def question_box(place: Page | Locator) -> Locator:
    """Return where a question is written, as soon as the page's script listens: until then Enter begins a new line."""
    expect(place.locator("[data-chat][data-live]")).to_be_visible()
    return place.get_by_label("Your question")


def shortcomings(
    page: Page, *, picture: str = "", within: str | None = None, wanted: Iterable[Look] = ALL_LOOKS
) -> list[str]:
    """Return what is wrong with a page for whom it is hard, in each width and scheme: axe and sideways scroll.

    At each width the first scheme is looked at whole and the other for its contrast: schemes differ in colours alone.
    With a name for it, a picture of each is kept if `SCREENSHOTS` is set. A picture called after an address
    (`bots:list`) of another page than the one that is open is wrong too: then the page was not looked at.
    """
    found = misnamed(page, picture)
    widths: set[int] = set()
    for look in looks(page, wanted):
        if picture:
            screenshot(page, f"{picture}-{look}")
        complaints = axe(page, within=within, only=["color-contrast"] if look.width in widths else None)
        widths.add(look.width)
        found += [f"{look}: {each}" for each in (*complaints, *sideways(page))]
    return found


def misnamed(page: Page, picture: str) -> list[str]:
    """Return a complaint when a picture is called after another address than the page's."""
    name = picture.partition(" ")[0]
    shown = resolve(urlsplit(page.url).path).view_name if ":" in name else name
    return [] if shown == name else [f"{name} was to be looked at, but {shown} is open"]


def axe(page: Page, *, within: str | None = None, only: list[str] | None = None) -> list[str]:
    """Return what axe finds wrong with a page (or the part below a selector) as it looks now, a line for each.

    `only` names the rules to go by, instead of all.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe_source())
    run: dict[str, Any] = {"runOnly": {"type": "rule", "values": only}, "resultTypes": ["violations"]}
    if only is None:
        run["runOnly"] = {"type": "tag", "values": AXE_TAGS}
        run["rules"] = {"target-size": {"enabled": True}}  # off in axe unless asked for
    found: list[str] = page.evaluate(_AXE, {"within": within, "run": run})
    return found


def sideways(page: Page) -> list[str]:
    """Return which parts make a page scroll sideways, if it does."""
    found: list[str] = page.evaluate(_SIDEWAYS)
    return found


def screenshot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture of a page in the folder `SCREENSHOTS`, if there is one."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.png", full_page=whole)


@cache
def _axe_source() -> str:
    return (VENDOR / "axe/axe.min.js").read_text(encoding="utf-8")
