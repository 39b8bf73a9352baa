"""Keeps people's accounts."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from tenants import audit
from tenants.models import User
from tenants.services import tokens
from tenants.types import Actor

_NEVER_RECORDED = frozenset({"password", "password1", "password2"})


def save_user(*, by: Actor, user: User, changed: Iterable[str] = ()) -> None:
    """Store an account, new or not; of its rights and state, what was changed goes on record."""
    action = "user.create" if user._state.adding else "user.change"
    with transaction.atomic():
        user.save()
        if not user.is_active:
            tokens.revoke_families_of(user_id=user.pk)
        audit.record(action, by=by, target=user, changed=sorted(set(changed) - _NEVER_RECORDED))


def password_was_set(*, by: Actor, user: User) -> None:
    """End a person's sign-ins to the API after their password was changed, and put it on record."""
    with transaction.atomic():
        tokens.revoke_families_of(user_id=user.pk)
        audit.record("user.set_password", by=by, target=user)
