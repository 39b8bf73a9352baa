"""Bounds an API key to some bots and datasets, and keeps a key from giving more than it has."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum

from chatcms.core.exceptions import InvalidInputError
from tenants.context import TenantLike, tenant_scope
from tenants.enums import Scope
from tenants.exceptions import KeyAboveYoursError
from tenants.models import ApiKey
from tenants.types import Actor

MAX_IDS = 100

Ids = frozenset[uuid.UUID]
Finder = Callable[[Collection[uuid.UUID]], Iterable[uuid.UUID]]


class Limit(StrEnum):
    """What a key can be limited to some of; the name of the key's column."""

    BOTS = "bot_ids"
    DATASETS = "dataset_ids"


_finders: dict[Limit, Finder] = {}


def register(limit: Limit, find: Finder) -> None:
    """Say how it is found which of some ids exist in the tenant in force; called in `AppConfig.ready`."""
    _finders[limit] = find


def allowed(limit: Limit, ids: Iterable[uuid.UUID] | None, *, by: Actor, tenant: TenantLike) -> list[uuid.UUID] | None:
    """Return the ids that a key gets: those asked for, or when none are named as many as `by` itself has.

    None is no limit. Raises `KeyAboveYoursError` when a limited key would give more than it has, and
    `InvalidInputError` for ids that are not the tenant's.
    """
    own: Ids | None = getattr(by, limit)
    if ids is None:
        return None if own is None else sorted(own)
    wanted = frozenset(ids)
    if own is not None and not wanted <= own:
        raise KeyAboveYoursError(f"A key can give another key only `{limit}` that it has itself.")
    if wanted:
        with tenant_scope(tenant):
            missing = wanted - frozenset(_finders[limit](wanted))
        if missing:
            raise _unknown(limit, missing)
    return sorted(wanted)


def check_may_give(by: Actor, *, scopes: Collection[Scope], expires_at: datetime | None) -> None:
    """Raise `KeyAboveYoursError` when a key would give scopes that it lacks, or outlive itself in another."""
    if by.type != "api_key":
        return
    if by.id is None or not frozenset(scopes) <= by.scopes:
        raise KeyAboveYoursError("A key can give another key only scopes that it has itself.")
    ends = ApiKey.objects.filter(pk=by.id).values_list("expires_at", flat=True).first() if by.id else None
    if ends is not None and (expires_at is None or expires_at > ends):
        raise KeyAboveYoursError("A key that expires can give only keys that expire no later: send `expires_at`.")


def check_may_change(by: Actor, key: ApiKey) -> None:
    """Raise `KeyAboveYoursError` when a key would change one that may do more than itself."""
    if by.type != "api_key":
        return
    within = all(_within(getattr(key, limit), getattr(by, limit)) for limit in Limit)
    if not within or not {Scope(scope) for scope in key.scopes} <= by.scopes:
        raise KeyAboveYoursError("This key may do more than the one that you use.")


def _within(ids: list[uuid.UUID] | None, own: Ids | None) -> bool:
    return own is None or (ids is not None and own.issuperset(ids))


def _unknown(limit: Limit, missing: Ids) -> InvalidInputError:
    complaint = "There are no such ids in this tenant: " + ", ".join(sorted(map(str, missing))[:5])
    return InvalidInputError(complaint, errors=[{"pointer": f"/{limit}", "detail": complaint, "code": "unknown"}])
