"""Ends the sign-ins of a person, in browsers and programs."""

from __future__ import annotations

import uuid

from django.db.models import F
from django.utils import timezone

from tenants.models import BrowserSession, RefreshToken, User


def end_all_of(user: User) -> None:
    """End every sign-in of a person for good, in browsers and programs; links for a new password end with them."""
    User.objects.filter(pk=user.pk).update(sign_in_epoch=F("sign_in_epoch") + 1)
    user.refresh_from_db(fields=["sign_in_epoch"])
    BrowserSession.objects.filter(user=user).delete()
    revoke_families_of(user_id=user.pk)


def revoke_families_of(*, user_id: uuid.UUID, tenant_id: uuid.UUID | None = None) -> None:
    """End every API sign-in of a person, in one tenant or in all."""
    tokens = RefreshToken.objects.filter(user_id=user_id, revoked_at__isnull=True)
    if tenant_id is not None:
        tokens = tokens.filter(tenant_id=tenant_id)
    tokens.update(revoked_at=timezone.now())
