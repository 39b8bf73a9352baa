"""Keeps what somebody was sending when their sign-in ran out, until they have signed in again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

SALT = "chatcms.resume"
SESSION_KEY = "resume"
FIELD = "resume"
LIFETIME_SECONDS = 3600
# What is larger is not kept: it was no form that somebody typed.
MAX_LENGTH = 256 * 1024
_CSRF = "csrfmiddlewaretoken"


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was sent: where to, its fields in order, and whether files were in it, which cannot be kept."""

    path: str
    fields: list[tuple[str, str]]
    had_files: bool


def pack(request: HttpRequest) -> str:
    """Return the form of `request` as a signed text for a hidden field; empty when there is nothing to keep."""
    fields = [(name, value) for name, values in request.POST.lists() if name != _CSRF for value in values]
    if not fields and not request.FILES:
        return ""
    packed = signing.dumps([request.get_full_path(), fields, bool(request.FILES)], salt=SALT, compress=True)
    return packed if len(packed) <= MAX_LENGTH else ""


def keep(request: HttpRequest) -> bool:
    """Put what the sign-in page carried along into the session of the person who signed in; say whether it did.

    Only what we signed ourselves is taken: nobody can have another person send a form by this.
    """
    text = request.POST.get(FIELD, "")
    if not text or _unpack(text) is None:
        return False
    request.session[SESSION_KEY] = text
    return True


def take(request: HttpRequest) -> Kept | None:
    """Return what was kept for this person, once."""
    return _unpack(request.session.pop(SESSION_KEY, ""))


def _unpack(text: str) -> Kept | None:
    try:
        path, fields, had_files = signing.loads(text, salt=SALT, max_age=LIFETIME_SECONDS)
    except (signing.BadSignature, ValueError, json.JSONDecodeError):
        return None
    return Kept(path, [_pair(each) for each in fields], had_files) if _is_ours(path) else None


def _pair(values: Any) -> tuple[str, str]:
    name, value = values
    return str(name), str(value)


def _is_ours(path: str) -> bool:
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
