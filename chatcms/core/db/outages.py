"""Tells errors that pass (a database that is away or behind, a full disk) from those that are faults of ours."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from psycopg import Error
from psycopg.errors import (
    DiskFull,
    InvalidSchemaName,
    LockNotAvailable,
    QueryCanceled,
    UndefinedColumn,
    UndefinedTable,
)

from chatcms.core.db.tenantdb import state, watch
from chatcms.core.db.tenantdb.errors import PoolTimeout
from chatcms.core.exceptions import AppError, UnavailableError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2
BEHIND_SECONDS = 30
MISSING_TOLD_SECONDS = 600.0
FULL_SECONDS = 60.0
# Django logs no response that has this: the outage is in the log already.
LOGGED = "_has_been_logged"
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
# Of one statement or transaction, which the next one may not share: conflicts, and what the statement itself asked for.
_OF_THE_STATEMENT = ("40", "54")


class DatabaseAwayError(UnavailableError):
    """PostgreSQL does not answer, or the connection to it was lost."""

    code = "database_unavailable"
    default_detail = "The service cannot reach its database at the moment. Send the request again in a few seconds."

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_SECONDS)


class BusyRowError(UnavailableError):
    """A statement gave up because of another one."""

    code = "busy"
    default_detail = "Something else is changing the same data at the moment. Send the request again in a few seconds."

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_SECONDS)


class NoConnectionFreeError(UnavailableError):
    """All connections of this process were in use for as long as a request waits for one; the database is there."""

    code = "overloaded"
    default_detail = "The service has more to do than it can at the moment. Send the request again in a few seconds."

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_SECONDS)


class StorageFullError(AppError):
    """The disk on which files or the database are kept is full."""

    code = "storage_full"
    kind = "storage_full"
    default_detail = (
        "The server has no space left to keep this; nothing of it was saved. "
        "Tell the platform's staff, and send the request again when they have freed some."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=60)


class SchemaBehindError(UnavailableError):
    """A table or column is missing: a migration is under way, or has failed for this tenant."""

    code = "schema_behind"
    default_detail = (
        "What is kept here has not been brought up to the present version yet. "
        "Try again in a minute; if it stays so, tell the platform's staff."
    )

    def __init__(self) -> None:
        super().__init__(retry_after=BEHIND_SECONDS)


class _FullDisk:
    """When the disk was last found to be full: the log is told of it once, and not once a request."""

    noted_at = float("-inf")


# When the log was last told what is missing: of each thing once in a while, and not once a request.
_missing: dict[str, float] = {}


def passing_error(error: BaseException | None) -> AppError | None:
    """Return what to tell the caller of an error that passes by itself; None for any other error."""
    for each in _causes(error):
        if isinstance(each, DiskFull) or (isinstance(each, OSError) and each.errno in _NO_SPACE):
            _note_full_disk()
            return StorageFullError()
        if isinstance(each, UndefinedTable | UndefinedColumn | InvalidSchemaName):
            _note_missing(each, error)
            return SchemaBehindError()
    if isinstance(error, OperationalError) and isinstance(error.__cause__, PoolTimeout) and not watch.is_away():
        return NoConnectionFreeError()
    if is_database_away(error):
        watch.suspect()
        return DatabaseAwayError()
    return BusyRowError() if isinstance(error, OperationalError) else None


def is_database_away(error: BaseException | None) -> bool:
    """Say whether `error` means that the database cannot be reached now, and not that one statement failed."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, LockNotAvailable | QueryCanceled | DiskFull):
        return False
    return not str(getattr(cause, "sqlstate", None) or "").startswith(_OF_THE_STATEMENT)


def is_disk_full() -> bool:
    """Whether this process found the disk full within the last minute."""
    return time.monotonic() - _FullDisk.noted_at < FULL_SECONDS


def _note_full_disk() -> None:
    if not is_disk_full():
        logger.error("The disk is full: requests that would write to it are answered with 507.")
    _FullDisk.noted_at = time.monotonic()


def _note_missing(cause: Error, error: BaseException | None) -> None:
    what = str(cause.diag.message_primary)
    now = time.monotonic()
    if now - _missing.get(what, float("-inf")) < MISSING_TOLD_SECONDS:
        return
    _missing[what] = now
    logger.error(
        "The database is behind the code: %s (schema %s). Requests that need it are answered with 503. "
        "Run manage.py migrate_tenants; if that changes nothing, this is a fault of the program.",
        what,
        state.current().schema_name,
        exc_info=error,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
