"""Names each request, so that a person's report, an error body and a log line can be matched."""

from __future__ import annotations

import re
from contextvars import ContextVar

from chatcms.core.db.ids import uuid7

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")
_request_id: ContextVar[str] = ContextVar("chatcms_request_id", default="")


def begin(sent: str | None) -> str:
    """Start a request: keep the id that a proxy sent when it is well formed, else make one."""
    request_id = sent if sent and _WELL_FORMED.match(sent) else uuid7().hex
    _request_id.set(request_id)
    return request_id


def current_request_id() -> str:
    """Return the id of the request being served, or an empty string outside of one."""
    return _request_id.get()
