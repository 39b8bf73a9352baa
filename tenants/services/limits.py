"""Says which rate limits a caller is counted against."""

from __future__ import annotations

import time
import uuid

from django.conf import settings

from chatcms.core.http.addresses import network_of
from chatcms.core.http.ratelimit import Bucket
from tenants.models import Plan, Tenant
from tenants.types import Actor

# For how long a process goes by what a plan said; it spares each request a query.
PLAN_SECONDS = 10.0

_plans: dict[uuid.UUID, tuple[float, int | None]] = {}


def buckets_of(actor: Actor, tenant: Tenant | None, *, address: str) -> list[Bucket]:
    """Return the buckets of a known caller: the tenant's, the caller's own, and a visitor's address."""
    buckets = [_bucket("tenant", "tenant", str(tenant.id), per_minute=_per_minute(tenant))] if tenant else []
    # Ids are unique, yet the tenant's is part of the key: a visitor's may have been chosen elsewhere.
    own = f"{tenant.id if tenant else 'platform'}:{actor.id}"
    if actor.type == "visitor":
        buckets += [_bucket("visitor", "visitor", own), *buckets_of_address(address)]
    else:
        buckets.append(_bucket("caller", "key" if actor.type == "api_key" else "user", own))
    return [bucket for bucket in buckets if bucket is not None]


def buckets_of_address(address: str) -> list[Bucket]:
    """Return the bucket of a caller of whom nothing but the address is known."""
    bucket = _bucket("ip", "ip", network_of(address))
    return [bucket] if bucket is not None else []


def forget_plans() -> None:
    """Have this process ask again what the plans say."""
    _plans.clear()


def _bucket(limit: str, name: str, who: str, *, per_minute: int | None = None) -> Bucket | None:
    given: tuple[int, int] | None = settings.RATE_LIMITS[limit]
    if given is None:
        return None
    quota, window = (per_minute, 60) if per_minute else given
    return Bucket(name, f"{name}:{who}", quota, window)


def _per_minute(tenant: Tenant) -> int | None:
    if tenant.plan_id is None:
        return None
    known = _plans.get(tenant.plan_id)
    if known is None or time.monotonic() > known[0]:
        found = Plan.objects.filter(pk=tenant.plan_id).values_list("requests_per_minute", flat=True).first()
        known = _plans[tenant.plan_id] = (time.monotonic() + PLAN_SECONDS, found)
    return known[1]
