"""Encrypts stored secrets with rotatable keys, each ciphertext bound to what it belongs to.

From each key of `KEY_ENCRYPTION_KEYS` a Fernet key is derived (HKDF-SHA256) for one purpose and the one context
that a secret belongs to, so that a ciphertext copied to another row or tenant cannot be read there. The first key
encrypts, all decrypt.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from chatcms.core.exceptions import AppError


class UnreadableSecretError(AppError):
    """The encryption key that a stored secret was written with is not among those in force."""

    code = "unreadable_secret"
    kind = "unavailable"
    default_detail = (
        "A stored secret cannot be read: the encryption key it was written with is missing. Set it anew, or let the "
        "operator put the old encryption key back at the end of KEY_ENCRYPTION_KEYS."
    )


class NoEncryptionKeyError(AppError):
    """No encryption key is set at all."""

    code = "no_encryption_key"
    kind = "unavailable"
    default_detail = "No encryption key is set. Let the operator set KEY_ENCRYPTION_KEYS."


def encrypt(secret: str, *, purpose: str, context: str) -> str:
    """Return the ciphertext of `secret`, readable only with the same `purpose` and `context`."""
    return _cipher(purpose, context).encrypt(secret.encode()).decode()


def decrypt(ciphertext: str, *, purpose: str, context: str) -> str:
    """Return the secret. Raises `UnreadableSecretError` when no key in force made it for this purpose and context."""
    try:
        return _cipher(purpose, context).decrypt(ciphertext.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError from None


def rotated(ciphertext: str, *, purpose: str, context: str) -> str | None:
    """Return `ciphertext` written anew with the first key, or None when it is that already.

    Raises `UnreadableSecretError` when it cannot be read.
    """
    try:
        _fernet(_keys()[0], purpose, context).decrypt(ciphertext.encode())
    except InvalidToken:
        secret = decrypt(ciphertext, purpose=purpose, context=context)
        return encrypt(secret, purpose=purpose, context=context)
    return None


def _keys() -> list[str]:
    keys = [key.strip() for key in settings.KEY_ENCRYPTION_KEYS if key.strip()]
    if not keys:
        raise NoEncryptionKeyError
    return keys


def _cipher(purpose: str, context: str) -> MultiFernet:
    return MultiFernet([_fernet(key, purpose, context) for key in _keys()])


def _fernet(key: str, purpose: str, context: str) -> Fernet:
    info = f"{purpose}\x00{context}".encode()
    derived = HKDF(SHA256(), length=32, salt=None, info=info).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
