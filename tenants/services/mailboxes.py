"""Knows whose mailbox an account's address is: proved by an answer to a mail, or vouched for by the platform's staff.

An account can be made by somebody who only holds a link. Until its mailbox has answered it can do nothing outside of
the tenant that it was made for, and whoever reads the mailbox can claim it.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from tenants import audit
from tenants.exceptions import MailboxUnprovenError
from tenants.models import Membership, RecoveryCode, SecondFactor, Tenant, User
from tenants.services import sign_out
from tenants.types import Actor


def prove(user: User) -> None:
    """Note that whoever acts as `user` reads the mails of the account; in the caller's transaction."""
    if user.email_proven_at is not None:
        return
    user.email_proven_at = timezone.now()
    user.save(update_fields=["email_proven_at", "updated_at"])
    audit.record("user.prove_mailbox", by=Actor(type="user", id=user.pk, label=user.email), target=user)


def claim(user: User) -> None:
    """Give an account that nobody has proved to whoever reads its mails, in the caller's transaction.

    Whoever made it may have set the password, added a second factor and be signed in: nothing of that stays. The
    caller sets a new password.
    """
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    sign_out.end_all_of(user)
    prove(user)


def vouch(*, by: Actor, user: User) -> None:
    """Let the platform's staff or its operator say that they know whose the account is; twice changes nothing."""
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.email_proven_at is None:
            row.email_proven_at = timezone.now()
            row.save(update_fields=["email_proven_at", "updated_at"])
            audit.record("user.vouch_for_mailbox", by=by, target=row)
    user.email_proven_at = row.email_proven_at


def is_claimable(user: User) -> bool:
    """Say whether whoever reads the mails of the account may take it over: nobody has proved it, and it is in use.

    Accounts of the platform's staff are never taken over by a mail that a tenant sent.
    """
    return user.email_proven_at is None and user.is_active and not user.is_staff


def check_may_join(user: User, tenant: Tenant) -> None:
    """Raise `MailboxUnprovenError` when an unproven account would come into a tenant that it was not made for."""
    if user.email_proven_at is not None or not user.has_usable_password():
        return
    if not Membership.objects.filter(user=user, tenant=tenant).exists():
        raise MailboxUnprovenError
