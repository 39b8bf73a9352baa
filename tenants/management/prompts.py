"""What the commands about people share."""

from __future__ import annotations

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email

from tenants.models import User


def checked_email(text: str) -> str:
    """Return the e-mail address in lower case, or end the command."""
    try:
        validate_email(text)
    except ValidationError as error:
        raise CommandError(f"`{text}` is not an e-mail address.") from error
    return text.strip().lower()


def checked_password(text: str | None, user: User) -> str:
    """Return the given password, or a random one; end the command when it is too weak."""
    if text is None:
        return secrets.token_urlsafe(12)
    try:
        validate_password(text, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return text
