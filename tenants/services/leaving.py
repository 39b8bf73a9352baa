"""Shuts the doors that somebody leaves open in a tenant: invitations, keys that they made, staff whom they let in."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import QuerySet

from tenants import audit
from tenants.enums import MANAGING, LeftKeys, Role
from tenants.exceptions import GrantClosedError, KeysToNobodyError
from tenants.models import AccessGrant, ApiKey, Invitation, User
from tenants.models.grants import AccessGrantQuerySet
from tenants.services import api_keys, grants, key_limits
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class Doors:
    """The invitations of somebody that are open, and the keys that they, or keys of theirs, made."""

    invitations: list[Invitation]
    keys: list[ApiKey]


def doors_of(user_id: uuid.UUID, tenant_id: uuid.UUID) -> Doors:
    """Return what somebody would leave open in a tenant, the oldest first."""
    invitations, keys = _sent(user_id).filter(tenant_id=tenant_id), _made(user_id).filter(tenant_id=tenant_id)
    return Doors(invitations=list(invitations), keys=list(keys))


def shut_for_member(
    *, by: Actor, user_id: uuid.UUID, tenant_id: uuid.UUID, role: Role | None, keys: LeftKeys = LeftKeys.REVOKE
) -> dict[str, int]:
    """Take back what a member may give no more, in the caller's transaction, and return how much that was.

    `role` is the one that they have from now on, None for somebody who goes: an invitation to them that nobody used,
    since they came in another way, is no way back. Who is an owner no more lets no staff in.

    With `LeftKeys.KEEP` the keys go over to `by`, who answers for them from now on. Raises `KeysToNobodyError` when
    that is nobody else.
    """
    gone = role not in MANAGING
    doors = doors_of(user_id, tenant_id)
    invitations = [one for one in doors.invitations if gone or _is_above(Role(one.role), role)]
    for invitation in [*invitations, *(_to(user_id, tenant_id) if role is None else [])]:
        _revoke(by, invitation)
    if role != Role.OWNER:
        _shut_out_staff(by, AccessGrant.objects.filter(tenant_id=tenant_id, approved_by_id=user_id))
    left = doors.keys if gone else []
    if left and keys == LeftKeys.KEEP:
        _hand_over(by, left, user_id)
    elif left:
        _revoke_keys(by, left)
    return {"invitations": len(invitations), "keys": len(left)}


def shut_everywhere(*, by: Actor, user_id: uuid.UUID) -> None:
    """Take back, in every tenant, what somebody sent and made who was switched off; in the caller's transaction."""
    for invitation in _sent(user_id):
        _revoke(by, invitation)
    _shut_out_staff(by, AccessGrant.objects.filter(approved_by_id=user_id))
    _revoke_keys(by, list(_made(user_id)))


def _sent(user_id: uuid.UUID) -> QuerySet[Invitation]:
    # One that has expired can be sent again: it is open in all but its date.
    return Invitation.objects.filter(invited_by_id=user_id, accepted_at__isnull=True).order_by("id")


def _to(user_id: uuid.UUID, tenant_id: uuid.UUID) -> list[Invitation]:
    """Return the invitations to somebody that are left, but for those that they sent."""
    email = User.objects.values_list("email", flat=True).get(pk=user_id)
    waiting = Invitation.objects.filter(tenant_id=tenant_id, email=email, accepted_at__isnull=True)
    return list(waiting.exclude(invited_by_id=user_id).order_by("id"))


def _shut_out_staff(by: Actor, given: AccessGrantQuerySet) -> None:
    for grant in given.in_force():
        # Somebody else may end it at this moment.
        with suppress(GrantClosedError):
            grants.close(by=by, grant=grant)


def _made(user_id: uuid.UUID) -> QuerySet[ApiKey]:
    return ApiKey.objects.live().filter(created_by_id=user_id).order_by("id")


def _is_above(role: Role, own: Role | None) -> bool:
    ranks = list(Role)
    return own is None or ranks.index(role) < ranks.index(own)


def _revoke(by: Actor, invitation: Invitation) -> None:
    audit.record("invitation.revoke", by=by, target=invitation, tenant_id=invitation.tenant_id)
    invitation.delete()


def _revoke_keys(by: Actor, keys: list[ApiKey]) -> None:
    for key in keys:
        api_keys.revoke_api_key(by=by, key=key)


def _hand_over(by: Actor, keys: list[ApiKey], from_whom: uuid.UUID) -> None:
    heir = key_limits.answerable(by) if by.type in {"user", "api_key"} else None
    if heir is None or heir == from_whom:
        raise KeysToNobodyError
    for key in keys:
        ApiKey.objects.filter(pk=key.pk).update(created_by_id=heir)
        told = audit.changes({"created_by": from_whom}, {"created_by": heir})
        audit.record("api_key.hand_over", by=by, target=key, tenant_id=key.tenant_id, scopes=key.scopes, changes=told)
