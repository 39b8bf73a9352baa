"""Writes log lines as JSON, with the request and tenant, and with anything that looks like a key taken out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import django.db
import orjson
from psycopg import Error as DriverError

from chatcms.core.db.tenantdb import state
from chatcms.core.http.requestid import current_request_id

_SECRET = re.compile(
    r"(sk-[A-Za-z0-9_-]{6,}|cms_(?:live|test)_[A-Za-z0-9_]{8,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
    r"|(?<=Bearer )\S+|(?<=://)[^/@\s]+:[^/@\s]+(?=@))"
)


# PostgreSQL's errors of this class quote the value that they refuse.
_QUOTES_A_VALUE = "22"


def redact(text: str) -> str:
    """Replace API keys, tokens and passwords in URLs by `[redacted]`."""
    return _SECRET.sub("[redacted]", text)


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, tenant, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Encode `record`."""
        errors = list(_database_errors(record))
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(_without_values(record.getMessage(), errors)),
        }
        if request_id := current_request_id():
            line["request_id"] = request_id
        if (active := state.current()).tenant_id is not None:
            line["tenant_id"] = str(active.tenant_id)
        if record.exc_info:
            line["error"] = redact(_without_values(self.formatException(record.exc_info), errors))
        return orjson.dumps(line).decode()


def _database_errors(record: logging.LogRecord) -> Iterator[DriverError | django.db.Error]:
    """Yield the database's errors that a record is about, in its traceback or among its arguments."""
    args = record.args if isinstance(record.args, tuple) else ()
    waiting = [
        arg for arg in (*args, record.exc_info[1] if record.exc_info else None) if isinstance(arg, BaseException)
    ]
    seen: set[int] = set()
    while waiting:
        error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        if isinstance(error, DriverError | django.db.Error):
            yield error
        waiting += [one for one in (error.__cause__, error.__context__) if one is not None]
        waiting += list(getattr(error, "exceptions", ()))


def _without_values(text: str, errors: list[DriverError | django.db.Error]) -> str:
    """Leave out of a text the details of the database's errors, which quote what people wrote."""
    for error in errors:
        if whole := str(error):
            for form in (whole, repr(whole), repr(whole)[1:-1]):
                text = text.replace(form, _told(error))
    return text


def _told(error: BaseException) -> str:
    """Return what a database's error says of itself that quotes no value."""
    known = error if isinstance(error, DriverError) else error.__cause__
    if not isinstance(known, DriverError):
        return str(error).partition("\n")[0]
    state = known.sqlstate or ""
    if state.startswith(_QUOTES_A_VALUE):
        return f"[{state}; the value is left out]"
    return known.diag.message_primary or str(known).partition("\n")[0]
