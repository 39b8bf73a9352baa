"""The widget's script as it is served: joined from its sources once, compressed, and named by what is in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings

from chat.visitors.widget.bundle import joined

SOURCES = Path(settings.BASE_DIR) / "static/widget"


@dataclass(frozen=True)
class Script:
    """A script: its text, also compressed, its hash, and what a page writes to accept this very text only."""

    text: bytes

    @cached_property
    def compressed(self) -> bytes:
        """The text as browsers take it over the wire."""
        return gzip.compress(self.text, 9, mtime=0)

    @cached_property
    def digest(self) -> str:
        """What tells it from every other one, in 16 characters."""
        return hashlib.sha256(self.text).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """The value of a script tag's `integrity`."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.text).digest()).decode()

    @property
    def etag(self) -> str:
        """The version that browsers ask about."""
        return f'"{self.digest}"'


@cache
def _kept() -> Script:
    return _made()


def _made() -> Script:
    return Script(joined(SOURCES / "main.js").encode())


def widget_script() -> Script:
    """Return the script; in development it is made again each time, so that a change is seen at once."""
    return _made() if settings.DEBUG else _kept()
