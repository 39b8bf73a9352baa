"""Bounds an API key to some bots and datasets, and keeps a key from giving more than it has."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from tenants.context import TenantLike, tenant_scope
from tenants.enums import TENANT_WIDE_SCOPES, Limit, Scope
from tenants.exceptions import KeyAboveYoursError
from tenants.models import ApiKey
from tenants.types import Actor

MAX_IDS = 100

Ids = frozenset[uuid.UUID]
Finder = Callable[[Collection[uuid.UUID]], Iterable[uuid.UUID]]


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
        raise KeyAboveYoursError(
            ErrorText("A key can give another key only `%(limit)s` that it has itself.", limit=limit)
        )
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


def check_limitable(*, scopes: Collection[Scope], bot_ids: object, dataset_ids: object) -> None:
    """Raise `InvalidInputError` when a limited key would get scopes that no limit bounds."""
    unlimited = sorted(set(scopes) & TENANT_WIDE_SCOPES)
    if unlimited and (bot_ids is not None or dataset_ids is not None):
        named = ", ".join(f"`{scope}`" for scope in unlimited)
        complaint = ErrorText(
            "A key that is limited to some bots or datasets cannot have the scope %(named)s, which "
            "is about the whole tenant. Leave the scope out, or make the key without limits.",
            named=named,
        )
        raise InvalidInputError(complaint, errors=[{"pointer": "/scopes", "detail": complaint, "code": "unlimitable"}])


def effective(key: ApiKey) -> tuple[Ids | None, Ids | None]:
    """Return the bots and the datasets that a key may use; None is no limit.

    A key that is limited in one way has only what it names in the other one too: otherwise a key for one bot would
    write into every dataset, and so into the answers of every other bot.
    """
    if key.bot_ids is None and key.dataset_ids is None:
        return None, None
    return frozenset(key.bot_ids or ()), frozenset(key.dataset_ids or ())


def answerable(by: Actor) -> uuid.UUID | None:
    """Return the id of the person who answers for what `by` makes: for a key, of whoever made that key."""
    if by.type == "api_key":
        return ApiKey.objects.filter(pk=by.id).values_list("created_by_id", flat=True).first() if by.id else None
    return by.id if by.type in {"user", "staff"} else None


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
    ids = ", ".join(sorted(map(str, missing))[:5])
    complaint = ErrorText("There are no such ids in this tenant: %(ids)s", ids=ids)
    return InvalidInputError(complaint, errors=[{"pointer": f"/{limit}", "detail": complaint, "code": "unknown"}])
