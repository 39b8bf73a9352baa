"""Serves pages of another origin than the product's, as a tenant's site does: `http://localhost:<port>`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_TEXT = "text/html; charset=utf-8"


@dataclass
class Site:
    """A site with pages by path; `headers` come with each of them."""

    origin: str
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, html: str) -> str:
        """Add a page; return its address."""
        self.pages[path] = html
        return f"{self.origin}{path}"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        body = self.site.pages.get(self.path, "" if self.path == "/favicon.ico" else None)
        self.send_response(404 if body is None else 200)
        for name, value in {"Content-Type": _TEXT, "Cache-Control": "no-store", **self.site.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def site(host: str = "localhost") -> Iterator[Site]:
    """Serve a site on a free port of this computer under a host name that browsers take for another origin."""
    shop = Site("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, shop))
    shop.origin = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_with(head: str = "", body: str = "", *, lang: str = "en", direction: str = "ltr") -> str:
    """Return a page of a shop."""
    return (
        f'<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8"><title>Shop</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>'
        f"<body><main><h1>Shop</h1><p>Blue chairs and lamps.</p></main>{body}</body></html>"
    )


def widget_tag(address: str, bot: str, **data: str) -> str:
    """Return the tag that a tenant puts into a page."""
    more = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in data.items())
    return f'<script async src="{address}/widget/v1.js" data-bot="{bot}"{more}></script>'
