"""Takes the screenshots of README and docs from a running instance with the sample, in real Chromium.

    ./start-all.sh && .venv/bin/python docs/screenshots.py --password PASSWORD [--into FOLDER] [--only NAME ...]

Lets the sample bot have a page of its own and has some visitors ask it there, so that there is something to see. With
`--past` its database gets conversations of the weeks before, so that the figures show more than today: of an instance
that is thrown away afterwards, and whose folder CHATCMS_VAR names. The images are `<page>-<size>-<scheme>.png`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

SIZES = {"desktop": (1280, 860), "phone": (390, 760)}
QUESTION = "How long is the battery under warranty?"
# What each visitor asks, and whether the last answer was of use to them.
VISITS = (
    (("Can I return a bike after three weeks?", "Who pays for shipping it back?"), "up"),
    (("What does a yearly service cost?",), "up"),
    (("Do you ship to Iceland?",), None),
    (("Is the frame under warranty for a second owner?", "And the battery?"), None),
    (("Who won the cup in 1998?",), "down"),
    ((QUESTION, "What happens if it is stored empty?"), "up"),
)
THUMBS = {"up": "Good answer", "down": "Bad answer"}
PATIENCE_MS = 90_000
# Over the 400 days that have passed then.
CONVERSATIONS = 6000


@dataclass(frozen=True)
class Desk:
    """The instance, and who signs in there."""

    browser: Browser
    url: str
    email: str
    password: str

    @contextmanager
    def page(self, size: str, scheme: str) -> Iterator[Page]:
        """Open a page of nobody's, which still stands when its picture is taken."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            device_scale_factor=1.5 if size == "phone" else 1,
            reduced_motion="reduce",
            has_touch=size == "phone",
        )
        context.set_default_timeout(PATIENCE_MS)
        yield context.new_page()
        context.close()

    def sign_in(self, page: Page) -> None:
        """Become the sample tenant's owner."""
        page.goto(f"{self.url}/sign-in/")
        page.get_by_label("E-mail address").fill(self.email)
        page.get_by_label("Password", exact=True).fill(self.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("heading", name="Dashboard").wait_for()


def main() -> None:
    """Fill the instance, then take each picture in a browser of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="owner@demo.example")
    parser.add_argument("--password", required=True)
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--only", nargs="*", default=[], help="names of the images to take, without .png")
    parser.add_argument("--past", action="store_true", help="make up a past for the figures")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        desk = Desk(browser, options.url, options.email, options.password)
        hosted = _have_it_talked_to(desk)
        for (name, size, scheme), show in _pictures(hosted).items():
            image = f"{name}-{size}-{scheme}"
            if not options.only or image in options.only:
                if name == "analytics" and options.past:
                    _make_a_past_up()
                with desk.page(size, scheme) as page:
                    show(desk, page)
                    path = options.into / f"{image}.png"
                    path.write_bytes(smaller(page.screenshot()))
        browser.close()


def _pictures(hosted: str) -> dict[tuple[str, str, str], Callable[[Desk, Page], None]]:
    def widget(desk: Desk, page: Page) -> None:
        page.goto(hosted)
        _ask(page, QUESTION)

    return {
        ("dashboard", "desktop", "light"): _dashboard,
        ("dashboard", "desktop", "dark"): _dashboard,
        ("bot", "desktop", "light"): _bot,
        ("conversation", "desktop", "light"): _conversation,
        ("inbox", "desktop", "light"): _inbox,
        ("widget", "phone", "light"): widget,
        ("widget", "phone", "dark"): widget,
        # The last one: a past that is made up shows in other pages, too.
        ("analytics", "desktop", "light"): _analytics,
    }


def _dashboard(desk: Desk, page: Page) -> None:
    desk.sign_in(page)


def _bot(desk: Desk, page: Page) -> None:
    desk.sign_in(page)
    _open_bot(page, desk.url)
    playground = page.get_by_role("region", name="Playground")
    playground.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    playground.locator(".turn__facts", has_text="whole after").first.wait_for()
    page.evaluate("scrollTo(0, 0)")


def _inbox(desk: Desk, page: Page) -> None:
    desk.sign_in(page)
    page.goto(f"{desk.url}/t/demo/conversations/")


def _conversation(desk: Desk, page: Page) -> None:
    _inbox(desk, page)
    page.get_by_role("link", name=VISITS[0][0][0]).first.click()
    page.get_by_role("heading", name="Transcript").wait_for()


def _analytics(desk: Desk, page: Page) -> None:
    desk.sign_in(page)
    page.goto(f"{desk.url}/t/demo/analytics/")


def _have_it_talked_to(desk: Desk) -> str:
    """Switch the sample bot's own page on, have visitors ask there unless some did, and return its address."""
    with desk.page("desktop", "light") as page:
        desk.sign_in(page)
        _open_bot(page, desk.url)
        page.get_by_role("link", name="Embed").click()
        own_page = page.get_by_label("A page of its own")
        if not own_page.is_checked():
            own_page.check()
            page.get_by_role("button", name="Save", exact=True).click()
        address = page.locator("main li a[href*='/chat/']").first.get_attribute("href")
        # The link names the public address, which may not be the one that we came by.
        hosted = desk.url + urlsplit(address or "").path
        page.goto(f"{desk.url}/t/demo/conversations/")
        nobody_did = page.get_by_role("link", name=VISITS[-1][0][0]).count() == 0
    for questions, verdict in VISITS if nobody_did else ():
        with desk.page("phone", "light") as page:
            page.goto(hosted)
            for question in questions:
                answer = _ask(page, question)
            if verdict:
                with page.expect_response(lambda response: response.url.endswith("/feedback")):
                    answer.get_by_role("button", name=THUMBS[verdict]).click()
    return hosted


def _make_a_past_up() -> None:
    with ThreadPoolExecutor(1) as pool:  # Django refuses to work beside the event loop of the browser's driver.
        pool.submit(_fill).result()


def _fill() -> None:
    root = Path(__file__).resolve().parent.parent
    sys.path[:0] = [str(root), str(root / "benchmarks")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatcms.settings"
    import django

    django.setup()
    from filling import fill

    from bots.models import Bot
    from chat.analytics.services.day_sums import sum_up
    from datasets.models import Document
    from tenants.context import tenant_scope
    from tenants.models import Tenant

    tenant = Tenant.objects.get(slug="demo")
    with tenant_scope(tenant):
        bots, documents = (list(model.objects.values_list("pk", flat=True)) for model in (Bot, Document))
        fill(bots=bots, documents=documents, conversations=CONVERSATIONS)
        sum_up(tenant_id=tenant.pk)


def _open_bot(page: Page, url: str) -> None:
    page.goto(f"{url}/t/demo/bots/")
    page.get_by_role("link", name="Fjord helper", exact=False).first.click()


def _ask(page: Page, question: str) -> Locator:
    """Ask as a visitor, and return the whole answer."""
    chat = page.locator("chat-ai-widget")
    answers = chat.locator('.turn[data-state="done"]')
    box = chat.get_by_role("textbox").first
    box.wait_for()
    before = answers.count()
    box.fill(question)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1, timeout=PATIENCE_MS)
    return answers.last


def smaller(image: bytes) -> bytes:
    """Return the same PNG, compressed as well as can be: a browser compresses as quickly as can be."""
    signature, at, kept, data = image[:8], 8, [], b""
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        kind, body = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            data += body
        elif kind in (b"IHDR", b"IEND"):
            kept.append((kind, body))
    kept.insert(1, (b"IDAT", zlib.compress(zlib.decompress(data), 9)))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in kept
    )
    return signature + b"".join(chunks)


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)), None)


if __name__ == "__main__":
    main()
