"""Lets the platform's staff into a tenant: asked for with a reason, bounded in time, seen and ended by the tenant."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants import audit
from tenants.enums import GrantRole, Role
from tenants.exceptions import GrantClosedError, GrantOpenError, NoSuchTenantError
from tenants.models import AccessGrant, Membership, Tenant, TenantSettings, User
from tenants.models.grants import LONGEST
from tenants.services import mail, staff
from tenants.types import Actor

SHORTEST = timedelta(minutes=5)
PAGE = "settings/security/"


def ask(*, by: Actor, tenant: Tenant, role: GrantRole, minutes: int, reason: str) -> AccessGrant:
    """Let the member of staff `by` into `tenant` for some minutes, or ask its owners where it wants to be asked.

    Owners get a mail either way. Raises `PermissionDeniedError` for people who are no staff, `NoSuchTenantError` for
    a tenant that nobody may enter now, `InvalidInputError`, and `GrantOpenError` when `by` has a grant there already.
    """
    person = _staff(by)
    _check(minutes, reason)
    with transaction.atomic():
        # One at a time: two requests of one person must not both find none.
        locked = Tenant.objects.enterable().select_for_update(of=("self",), no_key=True).filter(pk=tenant.pk).first()
        if locked is None:
            raise NoSuchTenantError("This tenant cannot be entered now. Open it again first.")
        mine = AccessGrant.objects.filter(tenant=locked, staff=person)
        if mine.in_force().exists() or mine.waiting().exists():
            raise GrantOpenError
        grant = AccessGrant(tenant=locked, staff=person, role=role, minutes=minutes, reason=" ".join(reason.split()))
        wait = TenantSettings.objects.filter(tenant=locked, approve_staff_access=True).exists()
        if not wait:
            _start(grant)
        grant.save(force_insert=True)
        facts = {"role": str(role), "minutes": minutes, "reason": grant.reason, "waits": wait}
        audit.record("access_grant.ask", by=by, target=grant, label=str(by.label), tenant_id=locked.pk, **facts)
        _tell_owners(grant, asked=wait)
    return grant


def approve(*, by: Actor, grant: AccessGrant) -> None:
    """Let the member of staff in from now on, for as long as was asked.

    Raises `GrantClosedError` when the request was answered, taken back or has lapsed, and `PermissionDeniedError` for
    anybody but an owner who did not ask for it themselves.
    """
    if by.type != "user" or by.role != Role.OWNER or by.id == grant.staff_id:
        raise PermissionDeniedError("Only an owner of the tenant lets the platform's staff in, and nobody themselves.")
    with transaction.atomic():
        row = AccessGrant.objects.waiting().select_for_update(of=("self",)).filter(pk=grant.pk).first()
        if row is None:
            raise GrantClosedError
        _start(row)
        row.approved_by_id = by.id
        row.save()
        audit.record("access_grant.approve", by=by, target=row, label=row.staff.email, tenant_id=row.tenant_id)
    grant.refresh_from_db()


def close(*, by: Actor, grant: AccessGrant) -> None:
    """End a grant before its time, or turn a request down: from the next page on the member of staff is out.

    For owners and admins of the tenant, and for staff outside of it. Raises `GrantClosedError` when it is over already.
    """
    with transaction.atomic():
        row = AccessGrant.objects.select_for_update(of=("self",)).select_related("staff").get(pk=grant.pk)
        over = row.closed_at is not None or (row.ends_at is not None and row.ends_at <= timezone.now())
        if over:
            raise GrantClosedError
        row.closed_at, row.closed_by = timezone.now(), by.label[:254]
        row.save(update_fields=["closed_at", "closed_by", "updated_at"])
        action = "access_grant.decline" if row.starts_at is None else "access_grant.revoke"
        audit.record(action, by=by, target=row, label=row.staff.email, tenant_id=row.tenant_id)
    grant.refresh_from_db()


def in_force(*, user: User, slug: str) -> AccessGrant | None:
    """Return the grant that lets `user` into the tenant of that slug now, with the tenant; None without one."""
    grants = AccessGrant.objects.in_force().filter(staff_id=user.pk, tenant__slug=slug)
    grant = grants.select_related("tenant__settings").first()
    return grant if grant is not None and grant.tenant.is_enterable else None


def _staff(by: Actor) -> User:
    person = User.objects.filter(pk=by.id or staff.NOBODY, is_active=True, is_staff=True).first()
    if person is None or by.type != "staff" or by.grant is not None:
        raise PermissionDeniedError("Only the platform's staff ask for this, from the platform's admin.")
    return person


def _check(minutes: int, reason: str) -> None:
    errors = []
    if not SHORTEST <= timedelta(minutes=minutes) <= LONGEST:
        errors.append(("/minutes", ErrorText("Ask for 5 minutes to 8 hours (480 minutes).")))
    if not reason.strip():
        errors.append(("/reason", ErrorText("Say why: the tenant reads it.")))
    if errors:
        found = [{"pointer": pointer, "detail": detail, "code": "invalid"} for pointer, detail in errors]
        raise InvalidInputError(errors[0][1], errors=found)


def _start(grant: AccessGrant) -> None:
    grant.starts_at = timezone.now()
    grant.ends_at = grant.starts_at + timedelta(minutes=grant.minutes)


def _tell_owners(grant: AccessGrant, *, asked: bool) -> None:
    owners = Membership.objects.filter(
        tenant_id=grant.tenant_id, role=Role.OWNER, is_active=True, user__is_active=True
    ).values_list("user__email", flat=True)
    for email in owners:
        message = mail.compose(
            "access_grant",
            to=email,
            tenant=grant.tenant.name,
            staff=mail.Ours(grant.staff.email),
            role=grant.role,
            reason=grant.reason,
            minutes=grant.minutes,
            ends_at=grant.ends_at,
            asked=asked,
            link=mail.Ours(f"{settings.PUBLIC_URL}/t/{grant.tenant.slug}/{PAGE}"),
        )
        mail.send_after_commit(message)
