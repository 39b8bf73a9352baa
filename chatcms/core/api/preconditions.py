"""Compares what a caller has seen with what there is: entity tags, `If-Match` and `If-None-Match` (RFC 9110)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db.models import Model, QuerySet
from django.utils.http import parse_etags

from chatcms.core.api.rendering import plain
from chatcms.core.exceptions import NotFoundError, PreconditionFailedError

Row = TypeVar("Row", bound=Model)

_ANY = "*"


def version_of(row: Model) -> str:
    """Return what changes whenever the row does: from its id and `updated_at`, or from all its values without one."""
    updated_at = getattr(row, "updated_at", None)
    if isinstance(updated_at, datetime):
        stamp = f"{row.pk}:{updated_at.timestamp():.6f}"
    else:
        stamp = repr([(field.attname, getattr(row, field.attname)) for field in row._meta.concrete_fields])
    return _short(f"{row._meta.label}:{stamp}".encode())


def etag_of(row: Model, data: Any = None) -> str:
    """Return the strong entity tag of `row` shown as `data`: the row's version, then a digest of what is shown."""
    return f'"{version_of(row)}.{_short(orjson.dumps(data, default=plain, option=orjson.OPT_NON_STR_KEYS))}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Say whether the caller has just this already, by the weak comparison that `If-None-Match` asks for."""
    if if_none_match is None:
        return False
    known = parse_etags(if_none_match)
    return known == [_ANY] or etag in {one.removeprefix("W/") for one in known}


def locked_unchanged(row: Row, if_match: str, *, after: QuerySet[Any] | None = None) -> Row:
    """Lock the row until the transaction ends, those of `after` before it, and return it as it is now.

    Call it in a transaction.

    Raises `PreconditionFailedError` when no tag of `if_match` is of the row's present version (a weak tag never
    is), and `NotFoundError` when the row is gone.
    """
    if after is not None:
        list(after.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    now = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if now is None:
        raise NotFoundError
    tags = parse_etags(if_match)
    if tags != [_ANY] and f'"{version_of(now)}' not in {tag.split(".")[0].rstrip('"') for tag in tags}:
        raise PreconditionFailedError
    return now


def _short(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=9).hexdigest()
