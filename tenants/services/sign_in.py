"""Checks an e-mail address and password, slowly for guessers and alike for known and unknown people."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import auth

from tenants.exceptions import CredentialError
from tenants.models import User
from tenants.services import attempts


class HasAddress(Protocol):
    """As much of a request as is needed: where it came from."""

    META: dict[str, Any]


def authenticate(*, email: str, password: str, request: HasAddress | None = None, address: str = "") -> User:
    """Return the person; raise `CredentialError`, or `TooManyAttemptsError` before any password is looked at.

    The attempt is counted before it is judged, so that parallel guesses cannot slip past the limit; for an
    unknown address a password is hashed all the same, so that the time tells nothing.
    """
    source = address or (str(request.META.get("REMOTE_ADDR", "")) if request is not None else "")
    email = email.strip().lower()
    attempts.count(email=email, address=source)
    user = auth.authenticate(email=email, password=password)
    if not isinstance(user, User):
        raise CredentialError("The e-mail address or the password is wrong.")
    attempts.forget(email=email, address=source)
    return user
