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


def main() -> None:
    """Sign in as the sample tenant's owner and take each page in each size and scheme."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", default="owner@demo.example")
    parser.add_argument("--password", required=True)
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "images")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for scheme in ("light", "dark"):
                _take_all(browser, size, scheme, options)
        browser.close()


def _take_all(browser: Browser, size: str, scheme: str, options: argparse.Namespace) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if size == "phone" else 1,
    )
    page = context.new_page()
    page.goto(f"{options.url}/sign-in/")
    _shoot(page, options.into / f"sign-in-{size}-{scheme}.png")
    page.get_by_label("E-mail address").fill(options.email)
    page.get_by_label("Password").fill(options.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Send").click()
    page.locator(".turn__facts", has_text="whole after").wait_for()
    _shoot(page, options.into / f"dashboard-{size}-{scheme}.png")
    page.locator("button.source").first.click()
    _shoot(page, options.into / f"passage-{size}-{scheme}.png")
    context.close()


def _shoot(page: Page, path: Path) -> None:
    page.screenshot(path=path)


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)), None)


if __name__ == "__main__":
    main()
