"""Takes the screenshots of README and docs from a running instance, in real Chromium.

    ./start-all.sh && .venv/bin/python docs/screenshots.py --password PASSWORD [--into FOLDER]

Desktop and phone width, light and dark: `<page>-<width>-<scheme>.png`.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
QUESTION = "How long is the battery under warranty?"
PATIENCE_MS = 90_000


def main() -> None:
    """Sign in as the sample tenant's owner and take each page in each size and scheme."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="owner@demo.example")
    parser.add_argument("--password", required=True)
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--only", nargs="*", default=[], help="names of the images to take, without .png")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for scheme in ("light", "dark"):
                if not options.only or any(name.endswith(f"-{size}-{scheme}") for name in options.only):
                    _take_all(browser, size, scheme, options)
        browser.close()


def _take_all(browser: Browser, size: str, scheme: str, options: argparse.Namespace) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if size == "phone" else 1,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()

    def shoot(name: str) -> None:
        if not options.only or f"{name}-{size}-{scheme}" in options.only:
            page.screenshot(path=options.into / f"{name}-{size}-{scheme}.png")

    page.goto(f"{options.url}/sign-in/")
    shoot("sign-in")
    page.get_by_label("E-mail address").fill(options.email)
    page.get_by_label("Password", exact=True).fill(options.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Dashboard").wait_for()
    shoot("dashboard")
    _try_bot(page, options.url)
    shoot("bot")
    _ask_as_visitor(page)
    shoot("widget")
    context.close()


def _try_bot(page: Page, url: str) -> None:
    page.goto(f"{url}/t/demo/bots/")
    page.get_by_role("link", name="Fjord helper", exact=False).first.click()
    playground = page.get_by_role("region", name="Playground")
    playground.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    playground.locator(".turn__facts", has_text="whole after").first.wait_for()


def _ask_as_visitor(page: Page) -> None:
    """Ask on the bot's own page, which shows the widget alone."""
    page.get_by_role("link", name="Embed").click()
    page.locator("main li a[href^='http']").first.click()
    chat = page.locator("chat-ai-widget")
    chat.get_by_role("textbox").first.fill(QUESTION)
    page.keyboard.press("Enter")
    chat.locator('.turn[data-state="done"]').last.wait_for()


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)), None)


if __name__ == "__main__":
    main()
