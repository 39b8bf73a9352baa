"""What others read about tenants and their people."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone

from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.http.hosts import DomainOwner
from tenants.context import current_tenant_id, only_tenant_id
from tenants.enums import RequestState, Role
from tenants.exceptions import (
    NoSuchDomainError,
    NoSuchGrantError,
    NoSuchPlanError,
    NoSuchRequestError,
    NoSuchTenantError,
    NoSuchUserError,
)
from tenants.models import (
    AccessGrant,
    AuditEvent,
    Domain,
    MemberRequest,
    Membership,
    Plan,
    RestingDomain,
    SecondFactor,
    Tenant,
    User,
)
from tenants.models.factors import SecondFactorQuerySet
from tenants.models.people import MembershipQuerySet
from tenants.types import Actor


def memberships_of(user: User) -> MembershipQuerySet:
    """The tenants that `user` may enter now, by name, each membership with its tenant.

    On a tenant's own domain it is that tenant alone.
    """
    memberships = Membership.objects.live().filter(user=user).select_related("tenant").order_by("tenant__name")
    only = only_tenant_id()
    return memberships if only is None else memberships.filter(tenant_id=only)


def owner_emails(tenant_id: uuid.UUID) -> list[str]:
    """Return where the owners of a tenant read mail."""
    owners = Membership.objects.filter(tenant_id=tenant_id, role=Role.OWNER, is_active=True, user__is_active=True)
    return list(owners.values_list("user__email", flat=True))


def person_of(actor: Actor) -> User | None:
    """Return whoever acts, None when it is no person."""
    if actor.id is None or actor.type not in {"user", "staff"}:
        return None
    return User.objects.filter(pk=actor.id).first()


def own_account(actor: Actor) -> User:
    """Return whoever acts; raise `PermissionDeniedError` when it is no person."""
    user = person_of(actor)
    if user is None:
        raise PermissionDeniedError("Only people have an account of their own.")
    return user


def factors_of(user: User) -> SecondFactorQuerySet:
    """Return the factors that `user` can prove themselves with, the oldest first."""
    return SecondFactor.objects.confirmed().filter(user=user)


def tenant_for_slug(slug: str) -> Tenant:
    """Return the tenant of that slug that may be entered now; raise `NoSuchTenantError` otherwise."""
    tenant = Tenant.objects.enterable().filter(slug=slug).first()
    if tenant is None:
        raise NoSuchTenantError
    return tenant


def plan_in_force(tenant_id: uuid.UUID, *, lock: bool = False) -> Plan | None:
    """Return the tenant's plan, None when nothing bounds it.

    With `lock`, the tenant's row is locked until the transaction ends: what is counted against the plan is then
    counted by one at a time.
    """
    tenants = Tenant.objects.select_related("plan").filter(pk=tenant_id)
    if lock:
        tenants = tenants.select_for_update(of=("self",), no_key=True)
    tenant = tenants.first()
    return tenant.plan if tenant is not None else None


def access_grants_of(tenant_id: uuid.UUID) -> QuerySet[AccessGrant]:
    """Return every grant that let the platform's staff into the tenant, or was asked for, the latest first."""
    grants = AccessGrant.objects.filter(tenant_id=tenant_id).select_related("staff", "approved_by")
    return grants.order_by("-id")


def access_grant_of(tenant_id: uuid.UUID, grant_id: uuid.UUID) -> AccessGrant:
    """Return one of the tenant's grants; raise `NoSuchGrantError`."""
    grant = access_grants_of(tenant_id).filter(pk=grant_id).first()
    if grant is None:
        raise NoSuchGrantError
    return grant


def member_requests_of(
    tenant_id: uuid.UUID, *, state: str = "", waiting_first: bool = False
) -> QuerySet[MemberRequest]:
    """Return what staff asked of the tenant's owners, the latest first; `state` is one of `RequestState`.

    With `waiting_first`, those that nobody answered come before the others.
    """
    found = MemberRequest.objects.filter(tenant_id=tenant_id).select_related("user")
    order = [F("answered_at").desc(nulls_first=True)] if waiting_first else []
    return (found.in_state(state) if state else found).order_by(*order, "-id")


def requests_waiting_for(actor: Actor, tenant_id: uuid.UUID) -> list[MemberRequest]:
    """Return the requests that `actor`, an owner of the tenant, can answer now, the latest first; at most five."""
    if actor.id is None:
        return []
    waiting = member_requests_of(tenant_id, state=RequestState.WAITING)
    return list(waiting.exclude(user_id=actor.id)[:5])


def member_request_of(tenant_id: uuid.UUID, request_id: uuid.UUID) -> MemberRequest:
    """Return one of those requests; raise `NoSuchRequestError`."""
    found = member_requests_of(tenant_id).filter(pk=request_id).first()
    if found is None:
        raise NoSuchRequestError
    return found


def name_shown(actor: Actor) -> str:
    """Return how somebody of the tenant in force is called before outsiders: by their own name, or the tenant's."""
    user = person_of(actor) if actor.type == "user" else None
    if user is not None and user.name.strip():
        return user.name.strip()
    return Tenant.objects.only("name").get(pk=current_tenant_id()).name


# --- for the platform's staff ------------------------------------------------------------------------------


def tenants_for_staff(*, status: str = "", plan: str = "", search: str = "") -> QuerySet[Tenant]:
    """Return tenants in any state, each with its plan and `member_count`."""
    active = Count("memberships", filter=Q(memberships__is_active=True))
    tenants: QuerySet[Tenant] = Tenant.objects.select_related("plan").annotate(member_count=active).order_by("-id")
    if status:
        tenants = tenants.filter(status=status)
    if plan:
        tenants = tenants.filter(plan__code=plan)
    if search:
        tenants = tenants.filter(Q(name__icontains=search) | Q(slug__icontains=search))
    return tenants


def tenant_for_staff(tenant_id: uuid.UUID) -> Tenant:
    """Return a tenant in any state; raise `NoSuchTenantError`."""
    tenant = tenants_for_staff().filter(pk=tenant_id).first()
    if tenant is None:
        raise NoSuchTenantError("There is no such tenant. Check the id.")
    return tenant


def domain_of(tenant_id: uuid.UUID, domain_id: uuid.UUID) -> Domain:
    """Return one domain of a tenant; raise `NoSuchTenantError` and `NoSuchDomainError`."""
    domain: Domain | None = Domain.objects.filter(tenant=tenant_for_staff(tenant_id), pk=domain_id).first()
    if domain is None:
        raise NoSuchDomainError
    return domain


def domains_of(tenant_id: uuid.UUID) -> list[Domain]:
    """Return the domains of a tenant, by name."""
    return list(Domain.objects.filter(tenant_id=tenant_id))


def lapsed_domains_of(tenant_id: uuid.UUID) -> list[Domain]:
    """Return the domains of a tenant whose record is missing from the DNS, by name."""
    return list(Domain.objects.filter(tenant_id=tenant_id, lapsed_at__isnull=False))


def verified_domains() -> dict[str, DomainOwner]:
    """Return whose each verified domain is, by its name, and whether that tenant may be entered now."""
    verified = Domain.objects.filter(verified_at__isnull=False).select_related("tenant")
    return {row.domain: DomainOwner(row.tenant.id, row.tenant.slug, row.tenant.is_enterable) for row in verified}


def resting_until(host: str, *, tenant_id: uuid.UUID) -> datetime | None:
    """Return until when a name that another tenant gave up may not be verified, None when it may be."""
    resting = RestingDomain.objects.filter(domain=host, until__gt=timezone.now()).exclude(tenant_id=tenant_id)
    return resting.values_list("until", flat=True).first()


def plan_by_id(plan_id: uuid.UUID) -> Plan:
    """Return one plan; raise `NoSuchPlanError`."""
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NoSuchPlanError
    return plan


def plan_by_code(code: str) -> Plan:
    """Return the plan of that code; raise `NoSuchPlanError`."""
    plan = Plan.objects.filter(code=code).first()
    if plan is None:
        raise NoSuchPlanError
    return plan


def users_for_staff(*, search: str = "", is_staff: bool | None = None, is_active: bool | None = None) -> QuerySet[User]:
    """Return people, narrowed down."""
    users = User.objects.order_by("-id")
    if search:
        users = users.filter(Q(email__icontains=search) | Q(name__icontains=search))
    if is_staff is not None:
        users = users.filter(is_staff=is_staff)
    return users if is_active is None else users.filter(is_active=is_active)


def user_for_staff(user_id: uuid.UUID) -> User:
    """Return a person with their memberships and those tenants; raise `NoSuchUserError`."""
    memberships = Prefetch("memberships", Membership.objects.select_related("tenant"))
    user = User.objects.filter(pk=user_id).prefetch_related(memberships).first()
    if user is None:
        raise NoSuchUserError
    return user


def audit_lines(
    *,
    tenant_id: uuid.UUID | None = None,
    action: str = "",
    actor_type: str = "",
    actor_id: uuid.UUID | None = None,
    target_type: str = "",
    target_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEvent]:
    """Return lines of the audit log, the latest first; `action` may be the beginning of one."""
    lines = AuditEvent.objects.order_by("-id")
    exactly = {"actor_type": actor_type, "target_type": target_type, "target_id": target_id}
    lines = lines.filter(**{name: value for name, value in exactly.items() if value})
    if tenant_id is not None:
        lines = lines.filter(tenant_id=tenant_id)
    if action:
        lines = lines.filter(action__startswith=action)
    if actor_id is not None:
        lines = lines.filter(actor_id=actor_id)
    if since is not None:
        lines = lines.filter(at__gte=since)
    return lines if until is None else lines.filter(at__lt=until)
