"""The one loop over tenants: it enters each, and a tenant that fails stops none of those after it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import DatabaseError, connection, transaction

from chatcms.core.db.outages import is_database_away
from chatcms.core.logs import redact
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.models.tenant import TenantQuerySet

logger = logging.getLogger(__name__)

_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A tenant for which the work could not be done, and why."""

    tenant_id: uuid.UUID
    slug: str
    reason: str


@dataclass(slots=True)
class Round:
    """What became of one round: the tenants that it was done for, and those that it failed for."""

    done: list[Tenant] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


_collected: ContextVar[list[Failure] | None] = ContextVar("chatcms_failed_tenants", default=None)
# What has been logged with its traceback: a fault that lasts is told once, not once a minute.
_told: dict[tuple[str, uuid.UUID], str] = {}


def for_each_tenant(work: Callable[[Tenant], object], *, task: str, tenants: TenantQuerySet | None = None) -> Round:
    """Do `work` with each tenant in force (all that have a whole schema, unless `tenants` selects others).

    A tenant that fails is logged, counted and reported to the periodic task that runs the loop; the others go on.
    Raises only when the database is away, since no other tenant could be reached either.
    """
    chosen = Tenant.objects.provisioned() if tenants is None else tenants
    result = Round()
    for tenant in list(chosen):
        try:
            with tenant_scope(tenant), _savepoint():
                work(tenant)
        except Exception as error:  # edge: a tenant that fails stops no other
            if is_database_away(error) and not _answers():
                raise
            if not Tenant.objects.filter(pk=tenant.pk).exists():
                continue  # it was dropped meanwhile
            result.failures.append(_failure(task, tenant, error))
        else:
            result.done.append(tenant)
            _tell_recovery(task, tenant)
    collected = _collected.get()
    if collected is not None:
        collected.extend(result.failures)
    return result


@contextmanager
def collected_failures() -> Iterator[list[Failure]]:
    """Collect the failures of every loop over tenants inside the block."""
    failures: list[Failure] = []
    token = _collected.set(failures)
    try:
        yield failures
    finally:
        _collected.reset(token)


def _savepoint() -> transaction.Atomic | nullcontext[None]:
    """Inside a caller's transaction, keep one tenant's failed statement from spoiling it for the next."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _answers() -> bool:
    """Ask the database, over a new connection if the one there was is lost."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _failure(task: str, tenant: Tenant, error: Exception) -> Failure:
    reason = redact(f"{type(error).__name__}: {error}").strip()[:_REASON_LENGTH]
    if _told.get((task, tenant.pk)) != reason:
        _told[task, tenant.pk] = reason
        logger.error("%s failed for tenant %s: %s", task, tenant.slug, reason, exc_info=error)
    return Failure(tenant.pk, tenant.slug, reason)


def _tell_recovery(task: str, tenant: Tenant) -> None:
    if _told.pop((task, tenant.pk), None):
        logger.info("%s works again for tenant %s", task, tenant.slug)
