"""Changes passwords: by who knows the present one, or by who reads the mails of the account."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction

from tenants.exceptions import BadResetTokenError, CredentialError, WeakPasswordError, WrongPasswordError
from tenants.models import Tenant, User
from tenants.selectors import own_account
from tenants.services import attempts, devices, mail, mailboxes, members, sign_in, sign_in_log, tokens
from tenants.types import Actor

# As many characters as any password manager makes; hashing longer ones is work for nobody.
MAX_PASSWORD = 1024
RESET_PAGE = "/password-reset/"
# The device of whoever is signed in already; no token names this one.
SIGNED_IN = "signed in"


class ResetTokens(PasswordResetTokenGenerator):
    """Django's tokens, which end with the sign-ins of the person too."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        plain: str = super()._make_hash_value(user, timestamp)
        return f"{plain}.{user.sign_in_epoch}" if user.sign_in_epoch else plain


token_generator = ResetTokens()


def check_new(password: str, *, user: User, pointer: str = "/password") -> None:
    """Raise `WeakPasswordError`, with `errors` at `pointer`, when the rules for passwords refuse `password`."""
    try:
        password_validation.validate_password(password, user)
    except ValidationError as refused:
        reasons = [(str(reason), str(each.code)) for each in refused.error_list for reason in each.messages]
        errors = [{"pointer": pointer, "detail": detail, "code": code} for detail, code in reasons]
        raise WeakPasswordError(reasons[0][0], errors=errors) from refused


def change_own(*, by: Actor, user: User, present: str, password: str, address: str = "") -> None:
    """Give `user`, who asks for it, a new password; every sign-in of theirs ends.

    The present one is asked for and counted like a sign-in, so that whoever finds an open session can neither take
    the account over nor guess. Raises `WrongPasswordError`, `WeakPasswordError` and `TooManyAttemptsError`.
    """
    check_present(user=user, password=present, address=address, pointer="/current_password")
    check_new(password, user=user, pointer="/new_password")
    members.set_password(by=by, user=user, password=password)


def check_present(*, user: User, password: str, address: str = "", pointer: str = "/password") -> None:
    """Ask somebody who is signed in for their password once more, counted like a sign-in.

    Raises `WrongPasswordError`, with `errors` at `pointer`, and `TooManyAttemptsError`.
    """
    try:
        # Whoever is signed in counts by themselves: no stranger keeps them from proving who they are.
        sign_in.check_password(email=user.email, password=password, address=address, device=SIGNED_IN)
    except CredentialError as error:
        errors = [{"pointer": pointer, "detail": WrongPasswordError.default_detail, "code": "wrong"}]
        raise WrongPasswordError(errors=errors) from error


def change_own_and_go_on(
    *, by: Actor, tenant: Tenant | None, present: str, password: str, address: str = ""
) -> tokens.TokenPair:
    """Do as `change_own` for whoever calls the API, and sign them in anew where they were."""
    user = own_account(by)
    # Not undone with the rest: a wrong password is on record.
    check_present(user=user, password=present, address=address, pointer="/current_password")
    with transaction.atomic():
        check_new(password, user=user, pointer="/new_password")
        members.set_password(by=by, user=user, password=password)
        return tokens.start_again(user=user, tenant=tenant)


def request_reset(*, email: str, address: str = "", device_token: str = "", by: Actor | None = None) -> None:
    """Mail a link for a new password to `email` if somebody has an account with it; `by` has put it on record already.

    Does the same work for an address that nobody has, and answers as soon: nobody learns who has an account.
    Raises `TooManyAttemptsError`.
    """
    email = email.strip().lower()
    device = devices.name_of(email=email, tokens=device_token)
    number = attempts.count(email=email, address=address, device=device, purpose=attempts.Purpose.MAIL)
    if by is None:
        sign_in_log.asked_for_reset(email=email, address=address, number=number)
    user = User.objects.filter(email=email, is_active=True).first()
    token = reset_token_of(user or User(email=email))
    message = mail.compose(
        "password_reset",
        to=email,
        email=mail.Ours(email),
        token=mail.Ours(token),
        link=mail.Ours(f"{settings.PUBLIC_URL}{RESET_PAGE}{token}"),
        minutes=settings.PASSWORD_RESET_TIMEOUT // 60,
    )
    useful_for = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    mail.send_after_commit(message, useful_for=useful_for, is_wanted=user is not None)


def reset_token_of(user: User) -> str:
    """Return a token with which a new password may be chosen: once, and for an hour."""
    name = base64.urlsafe_b64encode(user.pk.bytes).rstrip(b"=").decode()
    return f"{name}.{token_generator.make_token(user)}"


def reset(*, token: str, password: str) -> User:
    """Give the person whom `token` was mailed to a new password; every sign-in of theirs ends.

    The mailbox has answered with that: an account that nobody had proved is theirs now, without second factors that
    somebody else may have added.

    Raises `BadResetTokenError` for a token that is wrong, expired or used, and `WeakPasswordError`.
    """
    name, _, proof = token.partition(".")
    with transaction.atomic():
        # Locked: of two requests with the same token the second finds that the password is another one.
        user = User.objects.select_for_update().filter(pk=_id_of(name), is_active=True).first()
        if user is None or not token_generator.check_token(user, proof):
            raise BadResetTokenError
        check_new(password, user=user)
        if user.email_proven_at is None:
            mailboxes.claim(user)
        members.set_password(by=Actor(type="user", id=user.pk, label=user.email), user=user, password=password)
    return user


def _id_of(name: str) -> uuid.UUID:
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(name.encode() + b"=="))
    except ValueError:
        raise BadResetTokenError from None
