"""Lets the platform's staff ask a tenant to take somebody in; an owner of the tenant answers."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chatcms.core.exceptions import PermissionDeniedError
from tenants import audit
from tenants.enums import Notice, Role
from tenants.exceptions import RequestAnsweredError
from tenants.models import MemberRequest, Membership, Tenant
from tenants.services import mailboxes, members, notices
from tenants.types import Actor


def add_or_ask(*, by: Actor, tenant: Tenant, email: str, role: Role, name: str = "") -> Membership | MemberRequest:
    """Make a person a member of a tenant without owners at once; ask the owners of one that has some.

    Raises as `members.add_member` does.
    """
    if not members.needs_approval(by=by, tenant=tenant):
        return members.add_member(by=by, tenant=tenant, email=email, role=role, name=name)
    members.check_not_oneself(by=by, email=email)
    with transaction.atomic():
        user = members.account_of(email, name=name)
        mailboxes.check_may_join(user, tenant)
        waiting = MemberRequest.objects.waiting().filter(tenant=tenant, user=user, role=role).first()
        if waiting is not None:
            return waiting
        request = MemberRequest.objects.create(tenant=tenant, user=user, role=role, asked_by=by.label[:254])
        audit.record("member_request.ask", by=by, target=request, label=user.email, tenant_id=tenant.pk, role=role)
        notices.tell_owners(Notice.MEMBER_REQUESTED, by=by, tenant=tenant, person=user, role=role)
    return request


def approve(*, by: Actor, request: MemberRequest) -> None:
    """Give the person the role that was asked for.

    Raises `RequestAnsweredError` when the request was answered or has lapsed, `PermissionDeniedError` for anybody but
    an owner whom it does not concern, `MemberQuotaError` and `MailboxUnprovenError`.
    """
    _check_owner(by, request)
    with transaction.atomic():
        row = _answered(by, request, is_approved=True)
        _record("approve", by, row)
        if not Membership.objects.filter(tenant=row.tenant, user=row.user, is_active=True).exists():
            members.check_room(row.tenant_id, invited=False)
        members.add_member(by=by, tenant=row.tenant, email=row.user.email, role=Role(row.role))
    request.refresh_from_db()


def decline(*, by: Actor, request: MemberRequest) -> None:
    """Turn the request down. Raises `RequestAnsweredError` and `PermissionDeniedError`."""
    _check_owner(by, request)
    with transaction.atomic():
        row = _answered(by, request, is_approved=False)
        _record("decline", by, row)
    request.refresh_from_db()


def _record(answer: str, by: Actor, row: MemberRequest) -> None:
    email, facts = row.user.email, {"role": row.role, "asked_by": row.asked_by}
    audit.record(f"member_request.{answer}", by=by, target=row, label=email, tenant_id=row.tenant_id, **facts)


def _check_owner(by: Actor, request: MemberRequest) -> None:
    if by.type != "user" or by.role != Role.OWNER or by.id == request.user_id:
        raise PermissionDeniedError("Only an owner of the tenant answers this, and nobody for themselves.")


def _answered(by: Actor, request: MemberRequest, *, is_approved: bool) -> MemberRequest:
    rows = MemberRequest.objects.waiting().select_for_update(of=("self",)).select_related("user", "tenant")
    row = rows.filter(pk=request.pk).first()
    if row is None:
        raise RequestAnsweredError
    row.answered_at, row.answered_by, row.is_approved = timezone.now(), by.label[:254], is_approved
    row.save(update_fields=["answered_at", "answered_by", "is_approved", "updated_at"])
    return row
