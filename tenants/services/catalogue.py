"""Keeps what the platform's staff say about tenants: names, plans, domains."""

from __future__ import annotations

from django.db import transaction

from tenants import audit
from tenants.models import Domain, Plan, Tenant
from tenants.types import Actor


def change_tenant(*, by: Actor, tenant: Tenant, name: str, plan: Plan | None) -> None:
    """Rename a tenant or give it another plan; its slug, schema and state are not changed here."""
    with transaction.atomic():
        tenant.name, tenant.plan = name, plan
        tenant.save(update_fields=["name", "plan", "updated_at"])
        audit.record("tenant.change", by=by, target=tenant, tenant_id=tenant.id, plan=plan.code if plan else None)


def save_plan(*, by: Actor, plan: Plan) -> None:
    """Store a plan, new or not."""
    action = "plan.create" if plan._state.adding else "plan.change"
    with transaction.atomic():
        plan.save()
        audit.record(action, by=by, target=plan)


def delete_plan(*, by: Actor, plan: Plan) -> None:
    """Delete a plan that no tenant has."""
    with transaction.atomic():
        audit.record("plan.delete", by=by, target=plan)
        plan.delete()


def save_domain(*, by: Actor, domain: Domain) -> None:
    """Store a domain, new or not."""
    action = "domain.create" if domain._state.adding else "domain.change"
    with transaction.atomic():
        domain.save()
        audit.record(action, by=by, target=domain, tenant_id=domain.tenant_id)


def delete_domain(*, by: Actor, domain: Domain) -> None:
    """Take a domain from its tenant."""
    with transaction.atomic():
        audit.record("domain.delete", by=by, target=domain, tenant_id=domain.tenant_id)
        domain.delete()
