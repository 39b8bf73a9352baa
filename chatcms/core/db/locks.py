"""Contexts that lend a locked row or a named lock; none of them opens twice for the same thing.

PostgreSQL lets a transaction take the same lock again, so it never warns of nesting. But each opening of a context
reads a copy of the row, and where both copies are saved the outer one undoes what the inner one wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from chatcms.core.db.tenantdb import state
from chatcms.core.exceptions import AppError

Row = TypeVar("Row", bound=Model)

_lent: ContextVar[frozenset[str]] = ContextVar("lent", default=frozenset())


class NestedLockError(RuntimeError):
    """The caller holds this lock already; pass on what it was lent instead of opening the context again."""


@contextmanager
def lent_row(rows: QuerySet[Row], *, missing: AppError) -> Iterator[Row]:
    """Lend the one row of `rows`, locked, in a transaction; raise `missing` when there is none.

    Raises `NestedLockError` when the same row is lent already.
    """
    with transaction.atomic():
        row = rows.select_for_update(of=("self",)).first()
        if row is None:
            raise missing
        with noted(f"{row._meta.label}:{row.pk}"):
            yield row


@contextmanager
def lent_name(name: str) -> Iterator[None]:
    """Hold the lock called `name` of the present schema, in a transaction; nobody else holds it until that ends.

    Raises `NestedLockError` when it is held already.
    """
    with transaction.atomic(), noted(name):
        hold(name)
        yield


def hold(name: str) -> None:
    """Hold the lock called `name` of the present schema until the transaction ends; wait while somebody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0))", [name])


def hold_everywhere(name: str) -> None:
    """Hold the lock called `name` of the whole database until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@contextmanager
def noted(name: str) -> Iterator[None]:
    """Note for the length of the block that `name` is lent in this schema; raise `NestedLockError` if it is."""
    key, held = f"{state.current().schema_name}.{name}", _lent.get()
    if key in held:
        raise NestedLockError(f"{name} is lent to this caller already: pass it on instead of asking for it again.")
    token = _lent.set(held | {key})
    try:
        yield
    finally:
        _lent.reset(token)
