"""Puts every file that is handed out on record, in the one place that sees all answers to known callers."""

from __future__ import annotations

from email.message import Message

from django.http import HttpRequest, HttpResponseBase

from chatcms.core.http.attachments import HEADER
from tenants import audit
from tenants.types import Actor

_ON_RECORD = "_on_record"


def on_record(response: HttpResponseBase) -> None:
    """Say that a line with more to tell was written already."""
    setattr(response, _ON_RECORD, True)


def is_file(response: HttpResponseBase) -> bool:
    """Say whether the answer is a file to be saved."""
    return response.status_code == 200 and response.headers.get(HEADER, "").startswith("attachment")


def note(request: HttpRequest, response: HttpResponseBase, *, by: Actor) -> None:
    """Append a line when the answer is a file to be saved."""
    disposition = response.headers.get(HEADER, "")
    if is_file(response) and request.method == "GET" and not getattr(response, _ON_RECORD, False):
        audit.record("file.download", by=by, label=_file_name(disposition), path=request.path)


def _file_name(disposition: str) -> str:
    header = Message()
    header[HEADER] = disposition
    return header.get_filename() or ""
