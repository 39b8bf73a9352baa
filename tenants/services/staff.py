"""Makes accounts for the platform's staff."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from tenants import audit
from tenants.exceptions import EmailTakenError
from tenants.models import User
from tenants.types import Actor


def create_admin(*, by: Actor, email: str, password: str, name: str = "") -> User:
    """Make an account with every right in the platform's admin and none in any tenant.

    Raises `EmailTakenError` when somebody has that address: rights are never added to an account unasked.
    """
    try:
        with transaction.atomic():
            user = User.objects.create_superuser(email, password, name=name)
            audit.record("user.create_admin", by=by, target=user)
    except IntegrityError as error:
        raise EmailTakenError from error
    return user
