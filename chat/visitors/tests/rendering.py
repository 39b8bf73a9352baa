"""Opens a page that loads the real renderer of streamed answers, under the strictest policy there is."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route

from chatcms.config.environment import BASE_DIR
from chatcms.tests.browser import opened

PAGE = "http://renderer.test/"
# No inline script or style, no markup from strings: whatever breaks that is reported to the console.
POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_SCRIPT = """
import { renderMarkdown, showRendered } from "/static/widget/markdown.js";
Object.assign(window, { renderMarkdown, showRendered });
document.documentElement.dataset.ready = "";
"""
_HTML = '<!doctype html><html lang="en"><title>Renderer</title><body><script type="module" src="/start.js"></script>'


@contextmanager
def renderer(browser: Browser, *, policy: str = POLICY) -> Iterator[Page]:
    """Open the page; `renderMarkdown` and `showRendered` are global there."""
    with opened(browser) as page:
        page.route(f"{PAGE}**", lambda route: _serve(route, policy))
        page.goto(PAGE)
        page.wait_for_selector("html[data-ready]")
        yield page


def _serve(route: Route, policy: str) -> None:
    path = route.request.url.removeprefix(PAGE)
    if not path:
        route.fulfill(body=_HTML, content_type="text/html", headers={"Content-Security-Policy": policy})
    elif path == "start.js":
        route.fulfill(body=_SCRIPT, content_type="text/javascript")
    elif path.startswith("static/") and (BASE_DIR / path).is_file():
        route.fulfill(path=BASE_DIR / path, content_type=mimetypes.guess_type(path)[0])
    else:
        route.fulfill(status=404)
