"""Invites people to a tenant, and takes in those who accept."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from tenants import audit, context
from tenants.enums import MANAGING, InvitationState, Role
from tenants.exceptions import (
    AlreadyInvitedError,
    AlreadyMemberError,
    EmailTakenError,
    InvitationUsedError,
    InvitedSomebodyElseError,
    NoSuchInvitationError,
)
from tenants.models import Invitation, Membership, Tenant, User
from tenants.selectors import plan_in_force
from tenants.services import attempts, key_limits, mail, mailboxes, members, passwords, sign_in, tokens
from tenants.types import Actor

LIFETIME = timedelta(days=7)
PAGE = "/invitations/"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers, and whether the invited person has an account to sign in with."""

    invitation: Invitation
    account_exists: bool


def link_of(token: str) -> str:
    """Return the address of the page on which the invitation of that token is accepted."""
    return f"{settings.PUBLIC_URL}{PAGE}{token}"


def link_to_show(invitation: Invitation, token: str) -> str:
    """Return the link for whoever invites to pass on; empty where it goes by mail only.

    Whoever has a link that went by mail only reads the mailbox. Without a mail server there is no such proof, and the
    account that is made with the link stays unproven (see `mailboxes`).
    """
    return "" if invitation.by_mail_only else link_of(token)


def create_invitation(*, by: Actor, tenant: Tenant, email: str, role: Role) -> tuple[Invitation, str]:
    """Invite whoever has `email`, by mail, and return the invitation with its token, which is known only now.

    What of it may be shown to the one who invites, `link_to_show` says.

    Raises `RoleNotYoursToGiveError`, `AlreadyMemberError`, `AlreadyInvitedError`, `MemberQuotaError`, and
    `TooManyAttemptsError` when that mailbox got many mails already.
    """
    members.check_may_give(by, role)
    email = email.strip().lower()
    with transaction.atomic():
        plan_in_force(tenant.id, lock=True)
        if Membership.objects.filter(tenant=tenant, user__email=email, is_active=True).exists():
            raise AlreadyMemberError
        earlier = Invitation.objects.filter(tenant=tenant, email=email, accepted_at__isnull=True)
        if earlier.open().exists():
            raise AlreadyInvitedError
        earlier.delete()
        members.check_room(tenant.id, invited=True)
        invitation = Invitation(tenant=tenant, email=email, role=role)
        invitation.invited_by_id = key_limits.answerable(by) if by.type in {"user", "api_key"} else None
        token = _send(invitation, by=by)
        audit.record("invitation.create", by=by, target=invitation, tenant_id=tenant.id, role=role)
    return invitation, token


def resend_invitation(*, by: Actor, invitation: Invitation) -> str:
    """Send the invitation again with a new token, good from now on instead of the old one, and return that.

    Raises as `create_invitation` does, and `InvitationUsedError`.
    """
    with transaction.atomic():
        plan_in_force(invitation.tenant_id, lock=True)
        row = _unused(invitation)
        members.check_may_give(by, Role(row.role))
        if row.state == InvitationState.EXPIRED:
            members.check_room(row.tenant_id, invited=True)
        token = _send(row, by=by)
        audit.record("invitation.resend", by=by, target=row, tenant_id=row.tenant_id)
    invitation.refresh_from_db()
    return token


def revoke_invitation(*, by: Actor, invitation: Invitation) -> None:
    """Take the invitation back. Raises `InvitationUsedError` and `RoleNotYoursToGiveError`."""
    with transaction.atomic():
        row = _unused(invitation)
        members.check_may_give(by, Role(row.role))
        audit.record("invitation.revoke", by=by, target=row, tenant_id=row.tenant_id)
        row.delete()


def preview(token: str) -> Offer:
    """Return what the invitation of that token offers. Raises `NoSuchInvitationError`."""
    invitation = _open(token)
    user = User.objects.filter(email=invitation.email).first()
    return Offer(invitation, user is not None and not _claims(invitation, user))


def accept(
    *, token: str, by: Actor | None = None, name: str = "", password: str = "", otp: str = "", address: str = ""
) -> tokens.TokenPair:
    """Make the invited person a member and sign them in.

    Who has an account proves it: signed in already (`by`), or with its `password`, and `otp` where there is a second
    factor. Who has none gets one with `name` and `password`; so does who is invited by a mail that nobody else has
    seen, for an account that nobody has proved. Raises `NoSuchInvitationError`, `InvitedSomebodyElseError`,
    `MailboxUnprovenError`, `WeakPasswordError`, `AlreadyMemberError`, `MemberQuotaError`, and as
    `sign_in.authenticate` does; and `SecondFactorDemandedError` when the person is a member now, but cannot be signed
    in before they have added a second factor.
    """
    return tokens.start(join(token=token, by=by, name=name, password=password, otp=otp, address=address))


def join(
    *, token: str, by: Actor | None = None, name: str = "", password: str = "", otp: str = "", address: str = ""
) -> Membership:
    """Make the invited person a member, as `accept` does, and leave how they sign in to the caller."""
    invitation = _open(token)
    user = _invited_person(invitation, by=by, name=name, password=password, otp=otp, address=address)
    try:
        with transaction.atomic():
            members.check_room(invitation.tenant_id, invited=False)
            if not Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
                raise NoSuchInvitationError
            if user._state.adding:
                user.save(force_insert=True)
            elif by is None and _claims(invitation, user):
                mailboxes.claim(user)
                members.set_password(by=_oneself(user), user=user, password=password)
            elif not invitation.by_mail_only:
                mailboxes.check_may_join(user, invitation.tenant)
            if invitation.by_mail_only:
                mailboxes.prove(user)
            membership = _take_in(user, invitation)
            role, person = membership.role, _oneself(user, Role(membership.role))
            audit.record("invitation.accept", by=person, target=invitation, tenant_id=invitation.tenant_id, role=role)
    except IntegrityError as error:
        # Two invitations of one new person, accepted at the same moment.
        raise EmailTakenError from error
    return membership


def _invited_person(
    invitation: Invitation, *, by: Actor | None, name: str, password: str, otp: str, address: str
) -> User:
    if by is not None:
        if by.type != "user" or by.label.lower() != invitation.email:
            raise InvitedSomebodyElseError
        return User.objects.get(email=invitation.email)
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and not _claims(invitation, user):
        # An account without a password is nobody's to take: its mailbox has to be shown to be one's own first.
        return sign_in.authenticate(email=invitation.email, password=password, otp=otp, address=address)
    if not password:
        complaint = ErrorText("Choose a password for the new account.")
        errors = [{"pointer": "/password", "detail": complaint, "code": "required"}]
        raise InvalidInputError(complaint, errors=errors)
    if user is None:
        user = User(email=invitation.email, name=name)
        passwords.check_new(password, user=user)
        user.set_password(password)
    else:
        passwords.check_new(password, user=user)
    return user


def _claims(invitation: Invitation, user: User) -> bool:
    return invitation.by_mail_only and mailboxes.is_claimable(user)


def _oneself(user: User, role: Role | None = None) -> Actor:
    return Actor(type="user", id=user.pk, label=user.email, role=role)


def _take_in(user: User, invitation: Invitation) -> Membership:
    membership = Membership.objects.filter(user=user, tenant_id=invitation.tenant_id).first()
    if membership is None:
        membership = Membership(user=user, tenant=invitation.tenant)
    elif membership.is_active:
        raise AlreadyMemberError
    membership.role, membership.is_active = Role(invitation.role), True
    membership.save()
    membership.user, membership.tenant = user, invitation.tenant
    return membership


def _open(token: str) -> Invitation:
    found = Invitation.objects.open().filter(token_hash=_hash(token)).select_related("tenant").first()
    if found is None or not found.tenant.is_enterable or not _may_still_be_given(found):
        raise NoSuchInvitationError
    if not context.is_shown(found.tenant_id):
        raise NoSuchInvitationError
    return found


def _may_still_be_given(invitation: Invitation) -> bool:
    # Asked at the end too: whoever sent it may have gone at the very moment in which it was sent.
    if invitation.invited_by_id is None:
        return True
    inviters = Membership.objects.filter(user__is_active=True, is_active=True, role__in=MANAGING)
    inviter = inviters.filter(user_id=invitation.invited_by_id, tenant_id=invitation.tenant_id).first()
    return inviter is not None and (invitation.role != Role.OWNER or inviter.role == Role.OWNER)


def _unused(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("tenant")
    row = rows.filter(pk=invitation.pk).first()
    if row is None:
        raise NoSuchInvitationError
    if row.accepted_at is not None:
        raise InvitationUsedError
    return row


def _send(invitation: Invitation, *, by: Actor) -> str:
    attempts.count(email=invitation.email, address=_place(invitation.tenant_id), purpose=attempts.Purpose.MAIL)
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _hash(token)
    invitation.expires_at = timezone.now() + LIFETIME
    invitation.by_mail_only = settings.MAIL_IS_SET_UP
    invitation.save()
    message = mail.compose(
        "invitation",
        to=invitation.email,
        tenant=invitation.tenant.name,
        inviter=mail.Ours(by.label if by.type == "user" else ""),
        role=invitation.role,
        expires_at=invitation.expires_at,
        link=mail.Ours(link_of(token)),
        token=mail.Ours(token),
    )
    mail.send_after_commit(message, useful_for=LIFETIME)
    return token


def _place(tenant_id: uuid.UUID) -> str:
    return f"tenant {tenant_id}"


def _hash(token: str) -> str:
    # 256 random bits need no slow hash: there is no dictionary to try.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
