"""Tells errors that pass by themselves, a database that is away or a full disk, from those that are faults of ours."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from psycopg.errors import DiskFull, LockNotAvailable, QueryCanceled

from chatcms.core.exceptions import AppError, UnavailableError
from chatcms.core.tenantdb import watch

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2
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


class _FullDisk:
    """When the disk was last found to be full: the log is told of it once, and not once a request."""

    noted_at = float("-inf")


def passing_error(error: BaseException | None) -> AppError | None:
    """Return what to tell the caller of an error that passes by itself; None for any other error."""
    for each in _causes(error):
        if isinstance(each, DiskFull) or (isinstance(each, OSError) and each.errno in _NO_SPACE):
            _note_full_disk()
            return StorageFullError()
    if is_database_away(error):
        watch.suspect()
        return DatabaseAwayError()
    return BusyRowError() if isinstance(error, OperationalError) else None


def is_database_away(error: BaseException | None) -> bool:
    """Say whether `error` means that the database cannot be reached, and not that one statement failed."""
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


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
