"""Says who belongs to which tenant and with which role."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from tenants import audit, quotas
from tenants.enums import LeftKeys, Notice, Role, Scope
from tenants.exceptions import (
    ApprovalNeededError,
    GrantNeededError,
    LastOwnerError,
    MemberQuotaError,
    NoSuchMemberError,
    RoleNotYoursToGiveError,
)
from tenants.models import Membership, Tenant, User
from tenants.selectors import plan_in_force
from tenants.services import leaving, mailboxes, notices, sign_out
from tenants.types import Actor

_FROM_THE_TOP = list(Role)


def add_member(*, by: Actor, tenant: Tenant, email: str, role: Role, name: str = "") -> Membership:
    """Make the person of `email` a member, or give a member that role.

    An unknown person gets an account that nobody can sign in to until a password is set. Staff make themselves no
    members of a tenant that is in use (`GrantNeededError`): they ask for a grant, which the tenant sees and ends.
    """
    if not tenant.is_unfinished:
        check_not_oneself(by=by, email=email)
    if needs_approval(by=by, tenant=tenant):
        raise ApprovalNeededError
    with transaction.atomic():
        user = account_of(email, name=name)
        mailboxes.check_may_join(user, tenant)
        membership, created = Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": role})
        if created:
            audit.record("member.add", by=by, target=user, tenant_id=tenant.id, role=role)
        else:
            change_role(by=by, membership=membership, role=role)
    return membership


def account_of(email: str, *, name: str = "") -> User:
    """Return the person of `email`; one whom nobody knows gets an account that nobody can sign in to yet."""
    user = User.objects.filter(email=email.strip().lower()).first()
    return user if user is not None else User.objects.create_user(email, name=name)


def needs_approval(*, by: Actor, tenant: Tenant) -> bool:
    """Say whether an owner has to approve of whom `by` takes in or gives a higher role.

    That is so for the platform's staff once a tenant has an owner, active or not: otherwise who switches an owner off
    could make another.
    """
    has_owner = Membership.objects.filter(tenant=tenant, role=Role.OWNER).exists()
    return by.type == "staff" and by.grant is None and not tenant.is_unfinished and has_owner


def check_not_oneself(*, by: Actor, email: str) -> None:
    """Raise `GrantNeededError` when staff would make themselves members."""
    if _is_outside(by) and by.label.lower() == email.strip().lower():
        raise GrantNeededError


def change_role(*, by: Actor, membership: Membership, role: Role, keys: LeftKeys = LeftKeys.REVOKE) -> None:
    """Give a member another role, from the next request on; who was deactivated is taken in again.

    Raises as `change_member` does.
    """
    change_member(by=by, membership=membership, role=role, is_active=True, keys=keys)


def change_member(
    *,
    by: Actor,
    membership: Membership,
    role: Role | None = None,
    is_active: bool | None = None,
    keys: LeftKeys = LeftKeys.REVOKE,
) -> None:
    """Give a member another role, shut them out or take them in again, from the next request on; None stays.

    Who is shut out stays on the list, and keeps their other tenants. What they may give no more is taken back:
    invitations that they sent, and the keys that they made, which `by` may keep.

    Raises `RoleNotYoursToGiveError` when the old or the new role is above the caller, `LastOwnerError`,
    `KeysToNobodyError`, and `MemberQuotaError` when there is no room to come back to.
    """
    with transaction.atomic():
        row = _locked(membership)
        wanted = role or Role(row.role), row.is_active if is_active is None else is_active
        if wanted != (row.role, row.is_active):
            _change(row, by, *wanted, keys=keys)
    _show(row, membership)


def remove_member(*, by: Actor, membership: Membership, keys: LeftKeys = LeftKeys.REVOKE) -> None:
    """Take a person off a tenant's list, and shut them out from the next request on; their other tenants stay.

    The invitations that they sent are taken back, and the keys that they made are revoked unless `by` keeps them.
    Raises `RoleNotYoursToGiveError` when the member is above the caller, `LastOwnerError` and `KeysToNobodyError`.
    """
    with transaction.atomic():
        row = _locked(membership)
        check_may_touch(by, row)
        if row.role == Role.OWNER:
            _check_not_last_owner(by, row)
        row.delete()
        sign_out.revoke_families_of(user_id=row.user_id, tenant_id=row.tenant_id)
        left = leaving.shut_for_member(by=by, user_id=row.user_id, tenant_id=row.tenant_id, role=None, keys=keys)
        audit.record("member.remove", by=by, target=row.user, tenant_id=row.tenant_id, role=row.role, taken_back=left)
        _tell(by, row)


def _change(row: Membership, by: Actor, role: Role, is_active: bool, *, keys: LeftKeys) -> None:
    comes_back = is_active and not row.is_active
    raised = _FROM_THE_TOP.index(role) < _FROM_THE_TOP.index(Role(row.role))
    if (comes_back or raised) and needs_approval(by=by, tenant=row.tenant):
        raise ApprovalNeededError
    if is_active:
        check_may_give(by, role)
    check_may_touch(by, row)
    if row.role == Role.OWNER and (role != Role.OWNER or not is_active):
        _check_not_last_owner(by, row)
    if comes_back and not _is_outside(by):
        check_room(row.tenant_id, invited=False)
    action = "change_role" if is_active == row.is_active else "reactivate" if comes_back else "deactivate"
    before = {"role": row.role, "is_active": row.is_active}
    row.role, row.is_active = role, is_active
    row.save(update_fields=["role", "is_active", "updated_at"])
    if not is_active:
        sign_out.revoke_families_of(user_id=row.user_id, tenant_id=row.tenant_id)
    left = leaving.shut_for_member(
        by=by, user_id=row.user_id, tenant_id=row.tenant_id, role=role if is_active else None, keys=keys
    )
    changed = audit.changes(before, {"role": role, "is_active": is_active})
    detail: dict[str, Any] = {"role": role, "taken_back": left}
    audit.record(f"member.{action}", by=by, target=row.user, tenant_id=row.tenant_id, changes=changed, **detail)
    _tell(by, row)


def _tell(by: Actor, row: Membership) -> None:
    if by.type == "staff" and by.grant is None:
        notices.tell_owners(Notice.MEMBER_LOWERED, by=by, tenant=row.tenant, person=row.user)


def set_password(*, by: Actor, user: User, password: str) -> None:
    """Give a person a new password; their sign-ins to the API and their portal sessions end with it."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
        sign_out.revoke_families_of(user_id=user.pk)
        audit.record("user.set_password", by=by, target=user)


def check_may_give(by: Actor, role: Role) -> None:
    """Raise `RoleNotYoursToGiveError` when `by` may not make anybody, itself included, a `role`.

    Nobody gives more than they are; a key counts as an admin. And a key gives no role unless it may itself do what
    any member may: every scope that counts, and no limit to some bots or datasets.
    """
    if _is_above(role, by):
        raise RoleNotYoursToGiveError
    limited = by.bot_ids is not None or by.dataset_ids is not None
    if by.type == "api_key" and (limited or not {Scope.ADMIN, Scope.CHAT} <= by.scopes):
        raise RoleNotYoursToGiveError("This key may do less than a member: it can make nobody one.")


def check_may_touch(by: Actor, membership: Membership) -> None:
    """Raise `RoleNotYoursToGiveError` when the member is above `by`: only owners change and remove owners."""
    if membership.is_active and _is_above(Role(membership.role), by):
        raise RoleNotYoursToGiveError


def check_room(tenant_id: uuid.UUID, *, invited: bool) -> None:
    """Raise `MemberQuotaError` when the plan has no room for one more member.

    Open invitations hold places too when somebody is to be `invited`; whoever joins takes a place that was held. The
    tenant's row stays locked until the transaction ends, so that parallel requests cannot both take the last place.
    """
    plan = plan_in_force(tenant_id, lock=True)
    if plan is None or plan.max_members is None:
        return
    if invited:
        taken = quotas.used(tenant_id, "members")["members"]
    else:
        taken = Membership.objects.filter(tenant_id=tenant_id, is_active=True).count()
    if taken >= plan.max_members:
        raise MemberQuotaError


def _is_outside(by: Actor) -> bool:
    # Who runs the platform keeps tenants in order from outside of them: no role of a tenant bounds them.
    return by.type == "system" or (by.type == "staff" and by.grant is None)


def _is_above(role: Role, by: Actor) -> bool:
    if _is_outside(by):
        return False
    own = Role.ADMIN if by.type == "api_key" else by.role
    return own is None or _FROM_THE_TOP.index(role) < _FROM_THE_TOP.index(own)


def _locked(membership: Membership) -> Membership:
    # Always the member's row first and the tenant's after it, so that two changes cannot wait for each other.
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user", "tenant")
    row = rows.filter(pk=membership.pk).first()
    if row is None:
        raise NoSuchMemberError
    return row


def _check_not_last_owner(by: Actor, row: Membership) -> None:
    # The operator's own commands may do without; the platform's staff may not, who then could make another owner.
    if by.type == "system" or not row.is_active:
        return
    # One at a time: two owners who remove each other at once must not both succeed.
    Tenant.objects.select_for_update(of=("self",), no_key=True).get(pk=row.tenant_id)
    owners = Membership.objects.filter(
        tenant_id=row.tenant_id, role=Role.OWNER, is_active=True, user__is_active=True
    ).exclude(pk=row.pk)
    if not owners.exists():
        raise LastOwnerError


def _show(row: Membership, membership: Membership) -> None:
    membership.role, membership.is_active, membership.updated_at = row.role, row.is_active, row.updated_at
