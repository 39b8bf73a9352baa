"""Reads single settings from the environment, and gathers what is wrong with them, to be told all at once.

An empty setting is one that is not set. A wrong one counts as not set until `refuse` is called, at the end of the
settings: whoever starts the product reads of every mistake in one go.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Collection
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
# The types by names that the methods below do not hide.
Text = str
Texts = list[str]
Whole = int
Number = float
Flag = bool

TRUE = frozenset({"true", "yes", "on", "1", "y", "t"})
FALSE = frozenset({"false", "no", "off", "0", "n", "f"})


# A name, an address, IPv6 in brackets; `*` is any.
_HOST = re.compile(r"\*|\[[0-9a-f:.]+\]|\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")


class SettingReader:
    """Gives settings their types; `complain` notes what is wrong with one."""

    def __init__(self) -> None:
        self._complaints: dict[Text, str] = {}

    def complain(self, name: Text, complaint: Text) -> None:
        """Note what is wrong with the setting `name`, in a sentence that says what to write instead."""
        self._complaints.setdefault(name, f"{name}: {complaint}")

    def refuse(self) -> None:
        """Raise `ImproperlyConfigured` with all that is wrong, a line each; nothing when all is well."""
        if self._complaints:
            raise ImproperlyConfigured("\n".join(self._complaints.values()))

    def checked(self, name: Text, read: Callable[[], T], default: T) -> T:
        """Return what `read` makes of the setting `name`; what it refuses is noted."""
        try:
            return read()
        except ImproperlyConfigured as error:
            self._complaints.setdefault(name, str(error))
            return default

    def str(self, name: Text, default: Text = "") -> Text:
        """Return a text."""
        return os.environ.get(name, "").strip() or default

    def choice(self, name: Text, default: Text, choices: Collection[Text], *, otherwise: Text) -> Text:
        """Return one of a few words; `otherwise` stands for a wrong one."""
        value = self.str(name, default)
        if value in choices:
            return value
        self.complain(name, f"{value!r} is unknown. Write one of: {', '.join(choices)}.")
        return otherwise

    def bool(self, name: Text, default: Flag) -> Flag:
        """Return yes or no."""
        value = self.str(name).lower()
        if not value:
            return default
        if value not in TRUE | FALSE:
            self.complain(name, f"{value!r} is neither true nor false. Write one of the two.")
        return value in TRUE

    def int(self, name: Text, default: Whole, *, least: Whole = 1, most: Whole = 2**31 - 1) -> Whole:
        """Return a whole number."""
        value = self.str(name)
        digits = value.removeprefix("-").removeprefix("+")
        if not value:
            return default
        # Digits of this alphabet only, and no more than can be a number of ours.
        number = int(value) if digits.isascii() and digits.isdigit() and len(digits) <= len(str(2**63)) else None
        if number is None or not least <= number <= most:
            self.complain(name, f"{value!r} is no whole number from {least} to {most}.")
            return default
        return number

    def float(self, name: Text, default: Number, *, least: Number = 0.0, most: Number = 1e9) -> Number:
        """Return a number that is finite."""
        value = self.str(name)
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            self.complain(name, f"{value!r} is no number from {least:g} to {most:g}.")
            return default
        return number

    def list(self, name: Text, default: Collection[Text] = ()) -> Texts:
        """Return the texts between commas."""
        value = self.str(name)
        return [part.strip() for part in value.split(",") if part.strip()] if value else [*default]

    def hosts(self, name: Text, default: Collection[Text] = ()) -> Texts:
        """Return the host names between commas: no scheme, no port, no path; `.example.com` is all below it."""
        found = self.list(name, default)
        for host in found:
            if not _HOST.fullmatch(host.lower()):
                self.complain(
                    name, f"{host!r} is no host name. Write it without scheme, port and path: chat.example.com."
                )
        return found

    def origins(self, name: Text, default: Collection[Text] = ()) -> Texts:
        """Return the origins between commas: scheme, host and port of pages, and nothing behind."""
        found = self.list(name, default)
        for origin in found:
            parts = _split(origin)
            if parts is None or parts[0] not in {"http", "https"} or parts[2]:
                self.complain(name, f"{origin!r} is no origin. Write scheme and host only: https://chat.example.com.")
        return found

    def url(self, name: Text, default: Text, *schemes: Text) -> Text:
        """Return an address that has one of the schemes."""
        value = self.str(name, default)
        parts = _split(value)
        if parts is None or parts[0] not in schemes:
            wanted = " or ".join(f"{scheme}://…" for scheme in schemes)
            # Addresses of services hold passwords: what was written is not repeated.
            self.complain(name, f"this is no address that can be used. Write {wanted}; see .env.example.")
            return default
        return value


def _split(url: str) -> tuple[str, str, str] | None:
    """Return scheme, host and what is behind them; None for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    is_local = parts.scheme in {"unix", "consolemail", "dummymail", "filemail"}
    host_is_fit = parts.hostname is not None and not any(sign.isspace() for sign in url)
    if not (is_local or host_is_fit or "host=" in parts.query) or port == 0:
        return None
    return parts.scheme, parts.hostname or "", parts.path.strip("/") + parts.query + parts.fragment
