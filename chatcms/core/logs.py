"""Writes log lines as JSON, with the request and tenant, and with anything that looks like a key taken out."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import orjson

from chatcms.core.requestid import current_request_id
from chatcms.core.tenantdb import state

_SECRET = re.compile(
    r"(sk-[A-Za-z0-9_-]{6,}|cms_(?:live|test)_[A-Za-z0-9_]{8,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
    r"|(?<=Bearer )\S+|(?<=://)[^/@\s]+:[^/@\s]+(?=@))"
)


def redact(text: str) -> str:
    """Replace API keys, tokens and passwords in URLs by `[redacted]`."""
    return _SECRET.sub("[redacted]", text)


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, tenant, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Encode `record`."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        if (active := state.current()).tenant_id is not None:
            line["tenant_id"] = str(active.tenant_id)
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return orjson.dumps(line).decode()
