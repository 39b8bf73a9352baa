"""Suspends tenants, opens them again, and deletes them: first reversibly, then for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from tenants import audit
from tenants.context import public_scope, tenant_scope
from tenants.each import for_each_tenant
from tenants.enums import TenantStatus
from tenants.exceptions import WrongStateError
from tenants.models import RefreshToken, Tenant
from tenants.services import domains, idempotency
from tenants.types import SYSTEM, Actor

DELETION_GRACE = timedelta(days=7)

Cleanup = Callable[[Tenant], None]

_cleanups: list[Cleanup] = []


def on_tenant_dropped(cleanup: Cleanup) -> Cleanup:
    """Register what else of a tenant must go with it, its files for example.

    Runs inside the tenant before its schema is dropped, and must be safe to run again.
    """
    if cleanup not in _cleanups:
        _cleanups.append(cleanup)
    return cleanup


def suspend_tenant(*, by: Actor, tenant: Tenant, reason: str = "") -> None:
    """Shut everybody and every key out from the next request on; nothing is lost, jobs wait."""
    _move(tenant, TenantStatus.READY, TenantStatus.SUSPENDED, by=by, action="tenant.suspend", reason=reason)


def reinstate_tenant(*, by: Actor, tenant: Tenant) -> None:
    """Open a suspended tenant again."""
    _move(tenant, TenantStatus.SUSPENDED, TenantStatus.READY, by=by, action="tenant.reinstate")


def request_deletion(*, by: Actor, tenant: Tenant, grace: timedelta = DELETION_GRACE) -> None:
    """Shut the tenant and have it dropped with all that is in it once `grace` is over.

    Until then `cancel_deletion` undoes it. The faces ask for the slug to be typed first.
    """
    with public_scope(), transaction.atomic():
        locked = _locked(tenant)
        if locked.status == TenantStatus.DELETING:
            raise WrongStateError("This tenant is being deleted already.")
        locked.status = TenantStatus.DELETING
        locked.delete_after = timezone.now() + grace
        locked.save(update_fields=["status", "delete_after", "updated_at"])
        tokens = RefreshToken.objects.filter(tenant=locked, revoked_at__isnull=True)
        tokens.update(revoked_at=timezone.now())
        audit.record(
            "tenant.request_deletion",
            by=by,
            target=locked,
            tenant_id=locked.id,
            delete_after=locked.delete_after.isoformat(),
        )
    tenant.refresh_from_db()


def cancel_deletion(*, by: Actor, tenant: Tenant) -> None:
    """Keep a tenant whose deletion was asked for; it comes back suspended, or failed if never whole."""
    with public_scope(), transaction.atomic():
        locked = _locked(tenant)
        if locked.status != TenantStatus.DELETING:
            raise WrongStateError("This tenant is not being deleted.")
        locked.status = TenantStatus.SUSPENDED if locked.schema_made_at else TenantStatus.FAILED
        locked.delete_after = None
        locked.save(update_fields=["status", "delete_after", "updated_at"])
        audit.record("tenant.cancel_deletion", by=by, target=locked, tenant_id=locked.id)
    tenant.refresh_from_db()


def drop_due() -> list[str]:
    """Drop the tenants whose grace is over and return their slugs; one that fails is tried next time."""
    due = Tenant.objects.filter(status=TenantStatus.DELETING, delete_after__lte=timezone.now())
    dropped = for_each_tenant(_drop, task="chatcms.jobs.drop_deleted_tenants", tenants=due).done
    return [tenant.slug for tenant in dropped]


def _drop(tenant: Tenant) -> None:
    with public_scope(), transaction.atomic():
        locked = Tenant.objects.select_for_update().filter(
            pk=tenant.pk, status=TenantStatus.DELETING, delete_after__lte=timezone.now()
        )
        if not locked.exists():
            return
        audit.record("tenant.drop", by=SYSTEM, target=tenant, tenant_id=tenant.id, slug=tenant.slug)
        if tenant.schema_made_at is not None:
            # Behind the lock: a deletion that was called off a moment ago must find its files.
            _clean_up(tenant)
            schema = connection.ops.quote_name(tenant.schema_name)
            with connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        idempotency.forget_tenant(tenant.id)
        domains.let_all_rest(tenant)
        tenant.delete()


def _clean_up(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        for cleanup in _cleanups:
            cleanup(tenant)


def _move(
    tenant: Tenant, before: TenantStatus, after: TenantStatus, *, by: Actor, action: str, reason: str = ""
) -> None:
    with public_scope(), transaction.atomic():
        locked = _locked(tenant)
        if locked.status != before:
            raise WrongStateError(
                ErrorText(
                    "This tenant is %(status)s; it would have to be %(before)s.", status=locked.status, before=before
                )
            )
        locked.status, locked.status_detail = after, reason
        locked.save(update_fields=["status", "status_detail", "updated_at"])
        audit.record(action, by=by, target=locked, tenant_id=locked.id, reason=reason)
    tenant.refresh_from_db()


def _locked(tenant: Tenant) -> Tenant:
    return Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
