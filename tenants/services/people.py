"""Keeps people's accounts."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction

from tenants import audit
from tenants.enums import Notice
from tenants.exceptions import EmailTakenError, OwnAccountError
from tenants.models import User
from tenants.selectors import own_account
from tenants.services import leaving, notices, passwords, sign_out, staff
from tenants.types import Actor

# A change of these ends every sign-in: of an account as it was before.
_ENDING = frozenset({"email", "is_active", "is_staff", "is_superuser"})
_TOLD = frozenset({"email", "name", "is_active", "is_staff", "is_superuser"})
_NEVER_RECORDED = frozenset({"password", "password1", "password2"})


def save_user(*, by: Actor, user: User, changed: Collection[str] = ()) -> None:
    """Store an account, new or not; of its rights and state, what was changed goes on record."""
    action = "user.create" if user._state.adding else "user.change"
    if "email" in changed:
        # A new address is as unproven as a new account.
        user.email_proven_at = None
    with transaction.atomic():
        told = sorted(set(changed) & _TOLD)
        before = audit.stored(user, told)
        user.save()
        if not user.is_active or _ENDING & set(changed):
            sign_out.end_all_of(user)
        if not user.is_active:
            leaving.shut_everywhere(by=by, user_id=user.pk)
        changes = audit.changes(before, audit.values_of(user, told)) if before else {}
        changes |= audit.unsaid(*(_NEVER_RECORDED & set(changed))) if before else {}
        audit.record(action, by=by, target=user, changed=sorted(set(changed) - _NEVER_RECORDED), changes=changes)
        if "email" in changed:
            address = {name: told for name, told in changes.items() if name == "email"}
            notices.record_for_tenants(
                "member.change_address", by=by, user=user, notice=Notice.ADDRESS_CHANGED, changes=address
            )
        if "is_active" in changed:
            what, notice = ("on", Notice.SWITCHED_ON) if user.is_active else ("off", Notice.SWITCHED_OFF)
            notices.record_for_tenants(f"member.switch_{what}", by=by, user=user, notice=notice)


def change_own(*, by: Actor, name: str | None = None) -> User:
    """Change what people may change of their own account; None stays."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=own_account(by).pk)
        if name is not None and name != user.name:
            user.name = name
            save_user(by=by, user=user, changed=["name"])
    return user


def send_reset(*, by: Actor, user: User) -> None:
    """Mail a person a link for a new password because somebody else asks for it; raises `TooManyAttemptsError`."""
    with transaction.atomic():
        audit.record("user.send_reset", by=by, target=user)
        passwords.request_reset(email=user.email, by=by)


class PersonChanges(TypedDict, total=False):
    """What staff may change of a person; what is absent stays."""

    name: str
    is_active: bool
    is_staff: bool


def invite_user(*, by: Actor, email: str, name: str = "") -> User:
    """Make an account without a password and mail its owner a link to set one; raises `EmailTakenError`."""
    user = User(email=email.strip().lower(), name=name)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            save_user(by=by, user=user)
            passwords.request_reset(email=user.email, by=by)
    except IntegrityError as error:
        raise EmailTakenError from error
    return user


def change_user(*, by: Actor, user: User, **changes: Unpack[PersonChanges]) -> User:
    """Change a person's account; switched off, it ends every sign-in, and every key and invitation of theirs.

    Nobody takes their own access away (`OwnAccountError`); who is staff, superusers say (`PermissionDeniedError`).
    """
    if "is_staff" in changes and changes["is_staff"] != user.is_staff:
        staff.require_superuser(by=by)
    if user.is_superuser:
        staff.require_superuser(by=by)
    if by.id == user.pk and not (changes.get("is_active", True) and changes.get("is_staff", True)):
        raise OwnAccountError
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        for name, value in changes.items():
            setattr(row, name, value)
        save_user(by=by, user=row, changed=changes)
    return row


def password_was_set(*, by: Actor, user: User) -> None:
    """End a person's sign-ins to the API after their password was changed, on record for all whom it concerns."""
    with transaction.atomic():
        sign_out.revoke_families_of(user_id=user.pk)
        audit.record("user.set_password", by=by, target=user)
        notices.record_for_tenants("member.set_password", by=by, user=user, notice=Notice.PASSWORD_SET)
