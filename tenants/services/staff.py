"""Makes accounts for the platform's staff, and says what each of them may change."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.exceptions import PermissionDeniedError
from tenants import audit
from tenants.exceptions import EmailTakenError
from tenants.models import User
from tenants.types import Actor

NOBODY = uuid.UUID(int=0)


def create_admin(*, by: Actor, email: str, password: str, name: str = "") -> User:
    """Make an account with every right in the platform's admin and none in any tenant.

    Raises `EmailTakenError` when somebody has that address: rights are never added to an account unasked.
    """
    try:
        with transaction.atomic():
            # Whoever runs the installation knows whom the account is for.
            user = User.objects.create_superuser(email, password, name=name, email_proven_at=timezone.now())
            audit.record("user.create_admin", by=by, target=user)
    except IntegrityError as error:
        raise EmailTakenError from error
    return user


def require(*, by: Actor, right: str | None) -> None:
    """Raise `PermissionDeniedError` unless the member of staff has a right such as "tenants.change_tenant"."""
    user = User.objects.filter(pk=by.id or NOBODY, is_active=True, is_staff=True).first()
    if right is None or user is None or not user.has_perm(right):
        raise PermissionDeniedError("You may look, but not change this. Ask for the right in the platform's admin.")


def require_superuser(*, by: Actor) -> None:
    """Raise `PermissionDeniedError` unless the member of staff has every right."""
    if not User.objects.filter(pk=by.id or NOBODY, is_active=True, is_superuser=True).exists():
        raise PermissionDeniedError("Only a superuser may do this.")
