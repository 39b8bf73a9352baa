"""What a tenant's own people read about it: members, invitations and API keys."""

from __future__ import annotations

import uuid

from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from chatcms.core.db.folded import counted
from tenants.enums import InvitationState
from tenants.exceptions import NoSuchInvitationError, NoSuchKeyError, NoSuchMemberError
from tenants.models import ApiKey, Invitation, Membership, Tenant


def members_of(
    tenant: Tenant, *, role: str = "", is_active: bool | None = None, search: str = ""
) -> QuerySet[Membership]:
    """Return the members with their users and `email`; `search` is looked for in address and name."""
    found = Membership.objects.filter(tenant=tenant).select_related("user").annotate(email=F("user__email"))
    if role:
        found = found.filter(role=role)
    if is_active is not None:
        found = found.filter(is_active=is_active)
    return found.filter(Q(user__email__icontains=search) | Q(user__name__icontains=search)) if search else found


def places_taken() -> Combinable:
    """Return how many places of members a tenant's plan has given away: to active members and to open invitations."""
    members = Membership.objects.filter(tenant=OuterRef("pk"), is_active=True)
    return counted(members) + counted(Invitation.objects.open().filter(tenant=OuterRef("pk")))


def member_by_id(tenant: Tenant, member_id: uuid.UUID) -> Membership:
    """Return one member; raise `NoSuchMemberError`."""
    member = members_of(tenant).filter(pk=member_id).first()
    if member is None:
        raise NoSuchMemberError
    return member


def invitations_of(tenant: Tenant, *, state: str = "") -> QuerySet[Invitation]:
    """Return the invitations with who made them; `state` is one of `InvitationState`."""
    found = Invitation.objects.filter(tenant=tenant).select_related("invited_by")
    if state == InvitationState.ACCEPTED:
        return found.filter(accepted_at__isnull=False)
    if state == InvitationState.EXPIRED:
        return found.filter(accepted_at__isnull=True, expires_at__lte=timezone.now())
    return found.filter(pk__in=Invitation.objects.open().values("pk")) if state else found


def invitation_by_id(tenant: Tenant, invitation_id: uuid.UUID) -> Invitation:
    """Return one invitation; raise `NoSuchInvitationError`."""
    invitation = invitations_of(tenant).filter(pk=invitation_id).first()
    if invitation is None:
        raise NoSuchInvitationError("There is no such invitation. It may have been revoked.")
    return invitation


def api_keys_of(tenant: Tenant, *, is_live: bool | None = None, search: str = "") -> QuerySet[ApiKey]:
    """Return the keys; `search` is looked for in name and prefix."""
    found = ApiKey.objects.with_maker().filter(tenant=tenant)
    if is_live is not None:
        live = Q(pk__in=ApiKey.objects.live().filter(tenant=tenant).values("pk"))
        found = found.filter(live if is_live else ~live)
    return found.filter(Q(name__icontains=search) | Q(prefix__startswith=search)) if search else found


def api_key_by_id(tenant: Tenant, key_id: uuid.UUID) -> ApiKey:
    """Return one key, revoked or not; raise `NoSuchKeyError`."""
    key = ApiKey.objects.with_maker().filter(tenant=tenant, pk=key_id).first()
    if key is None:
        raise NoSuchKeyError
    return key
