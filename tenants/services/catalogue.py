"""Keeps what the platform's staff say about tenants: names and plans."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from tenants import audit
from tenants.exceptions import PlanCodeTakenError, PlanInUseError
from tenants.models import Plan, Tenant
from tenants.types import Actor

_KEPT = {"id", "created_at", "updated_at"}
_OF_PLAN = [field.attname for field in Plan._meta.concrete_fields if field.attname not in _KEPT]


def change_tenant(*, by: Actor, tenant: Tenant, name: str, plan: Plan | None) -> None:
    """Rename a tenant or give it another plan; its slug, schema and state are not changed here."""
    with transaction.atomic():
        known = Tenant.objects.select_related("plan").get(pk=tenant.pk)
        told = audit.changes(_told(known.name, known.plan), _told(name, plan))
        tenant.name, tenant.plan = name, plan
        tenant.save(update_fields=["name", "plan", "updated_at"])
        code = plan.code if plan else None
        audit.record("tenant.change", by=by, target=tenant, tenant_id=tenant.id, plan=code, changes=told)


def _told(name: str, plan: Plan | None) -> dict[str, str | None]:
    return {"name": name, "plan": plan.code if plan else None}


def save_plan(*, by: Actor, plan: Plan) -> None:
    """Store a plan, new or not; as the default it takes that place from another. Raises `PlanCodeTakenError`."""
    action = "plan.create" if plan._state.adding else "plan.change"
    try:
        with transaction.atomic():
            if plan.is_default:
                Plan.objects.filter(is_default=True).exclude(pk=plan.pk).update(is_default=False)
            before = audit.stored(plan, _OF_PLAN)
            plan.save()
            told = audit.changes(before, audit.values_of(plan, _OF_PLAN)) if before else {}
            audit.record(action, by=by, target=plan, changes=told)
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
