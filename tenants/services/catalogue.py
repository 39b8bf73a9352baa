"""Keeps what the platform's staff say about tenants: names and plans."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from tenants import audit
from tenants.exceptions import PlanCodeTakenError, PlanInUseError
from tenants.models import Plan, Tenant
from tenants.types import Actor


def change_tenant(*, by: Actor, tenant: Tenant, name: str, plan: Plan | None) -> None:
    """Rename a tenant or give it another plan; its slug, schema and state are not changed here."""
    with transaction.atomic():
        tenant.name, tenant.plan = name, plan
        tenant.save(update_fields=["name", "plan", "updated_at"])
        audit.record("tenant.change", by=by, target=tenant, tenant_id=tenant.id, plan=plan.code if plan else None)


def save_plan(*, by: Actor, plan: Plan) -> None:
    """Store a plan, new or not; as the default it takes that place from another. Raises `PlanCodeTakenError`."""
    action = "plan.create" if plan._state.adding else "plan.change"
    try:
        with transaction.atomic():
            if plan.is_default:
                Plan.objects.filter(is_default=True).exclude(pk=plan.pk).update(is_default=False)
            plan.save()
            audit.record(action, by=by, target=plan)
    except IntegrityError as error:
        raise PlanCodeTakenError from error


def delete_plan(*, by: Actor, plan: Plan) -> None:
    """Delete a plan; raises `PlanInUseError` when a tenant has it."""
    try:
        with transaction.atomic():
            audit.record("plan.delete", by=by, target=plan)
            plan.delete()
    except ProtectedError as error:
        raise PlanInUseError from error
