"""Keeps what the platform's staff say about tenants: names, plans, domains."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tenants import audit
from tenants.exceptions import DomainTakenError, InvalidDomainError, PlanCodeTakenError, PlanInUseError
from tenants.models import Domain, Plan, Tenant
from tenants.types import Actor

LONGEST_HOST = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.(?![0-9]+$){_LABEL}")


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


def save_domain(*, by: Actor, domain: Domain) -> None:
    """Store a domain, new or not, as browsers send it: lower case, in ASCII.

    The first one of a tenant, and one that is made the primary one, takes that place from the others. Raises
    `InvalidDomainError` and `DomainTakenError`.
    """
    action = "domain.create" if domain._state.adding else "domain.change"
    domain.domain = host_name(domain.domain)
    if not Domain.objects.filter(pk=domain.pk, domain=domain.domain).exists():
        domain.verified_at = None
    try:
        with transaction.atomic():
            domain.save()
            audit.record(action, by=by, target=domain, tenant_id=domain.tenant_id)
    except IntegrityError as error:
        raise DomainTakenError from error


def verify_domain(*, by: Actor, domain: Domain) -> None:
    """Note that the domain is known to be the tenant's."""
    with transaction.atomic():
        domain.verified_at = timezone.now()
        domain.save(update_fields=["verified_at"])
        audit.record("domain.verify", by=by, target=domain, tenant_id=domain.tenant_id)


def host_name(text: str) -> str:
    """Return a host name in lower case and ASCII; raise `InvalidDomainError` for what is none."""
    try:
        name = text.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise InvalidDomainError from error
    if len(name) > LONGEST_HOST or not _HOST_NAME.fullmatch(name):
        raise InvalidDomainError
    return name


def delete_domain(*, by: Actor, domain: Domain) -> None:
    """Take a domain from its tenant."""
    with transaction.atomic():
        audit.record("domain.delete", by=by, target=domain, tenant_id=domain.tenant_id)
        domain.delete()
