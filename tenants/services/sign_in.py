"""Checks who signs in, slowly for guessers and alike for known and unknown people."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import auth

from chatcms.core.http.addresses import client_address
from tenants.exceptions import CredentialError
from tenants.models import User
from tenants.services import attempts, devices, sign_in_log
from tenants.services.factors import second_step


class HasAddress(Protocol):
    """As much of a request as is needed: where it came from."""

    META: dict[str, Any]


def authenticate(
    *,
    email: str,
    password: str,
    otp: str = "",
    request: HasAddress | None = None,
    address: str = "",
    device_token: str = "",
) -> User:
    """Return the person who gave the right password and, where they have a second factor, the right code.

    Raises as `check_password` does, `SecondFactorRequiredError` and `WrongSecondFactorError`.
    """
    source = _source(request, address)
    user = check_password(email=email, password=password, address=source, device_token=device_token)
    second_step.require_code(user=user, code=otp, address=source, device_token=device_token)
    attempts.know_place(email=user.email, address=source)
    return user


def check_password(
    *,
    email: str,
    password: str,
    request: HasAddress | None = None,
    address: str = "",
    device_token: str = "",
    device: str = "",
) -> User:
    """Return the person of that password, which is the first step of signing in and no more than that.

    Raises `CredentialError`, or `TooManyAttemptsError` before any password is looked at. `device_token` is what the
    device sent that shows that the person signed in on it before; `device` names one that needs no token.

    The attempt is counted before it is judged, so that parallel guesses cannot slip past the limit; for an
    unknown address a password is hashed all the same, so that the time tells nothing.
    """
    source = _source(request, address)
    email = email.strip().lower()
    device = device or devices.name_of(email=email, tokens=device_token)
    counted = attempts.count(email=email, address=source, device=device)
    user = auth.authenticate(email=email, password=password)
    if not isinstance(user, User):
        sign_in_log.failed(email=email, address=source, number=counted)
        raise CredentialError("The e-mail address or the password is wrong.")
    attempts.forget(email=email, address=source, device=device)
    return user


def _source(request: HasAddress | None, address: str) -> str:
    return address or (client_address(request.META) if request is not None else "")
