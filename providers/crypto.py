"""Encrypts providers' keys with rotatable keys, each ciphertext bound to its tenant and row.

From each key of `KEY_ENCRYPTION_KEYS` a Fernet key is derived (HKDF-SHA256) for the one context that a secret
belongs to, so that a ciphertext copied to another row or tenant cannot be read there. The first key encrypts,
all decrypt.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from providers.exceptions import ProviderMisconfigured

_PURPOSE = b"chatcms provider key\x00"
_MIN_TO_SHOW = 12


def encrypt(secret: str, *, context: str) -> str:
    """Return the ciphertext of `secret`, readable only with the same `context`."""
    return _cipher(context).encrypt(secret.encode()).decode()


def decrypt(ciphertext: str, *, context: str) -> str:
    """Return the secret. Raises `ProviderMisconfigured` when no key in force made it for this `context`."""
    try:
        return _cipher(context).decrypt(ciphertext.encode()).decode()
    except InvalidToken:
        raise ProviderMisconfigured(
            "The stored key cannot be read: the encryption key it was written with is missing. Enter the "
            "provider's key again, or let the operator put the old encryption key back at the end of "
            "KEY_ENCRYPTION_KEYS."
        ) from None


def rotated(ciphertext: str, *, context: str) -> str | None:
    """Return `ciphertext` written anew with the first key, or None when it is that already.

    Raises `ProviderMisconfigured` when it cannot be read.
    """
    try:
        _fernet(_keys()[0], context).decrypt(ciphertext.encode())
    except InvalidToken:
        return encrypt(decrypt(ciphertext, context=context), context=context)
    return None


def last_four(secret: str) -> str:
    """Return what may be shown of a key: its last four characters, nothing of a short one."""
    return secret[-4:] if len(secret) >= _MIN_TO_SHOW else ""


def _keys() -> list[str]:
    keys = [key.strip() for key in settings.KEY_ENCRYPTION_KEYS if key.strip()]
    if not keys:
        raise ProviderMisconfigured("No encryption key is set. Let the operator set KEY_ENCRYPTION_KEYS.")
    return keys


def _cipher(context: str) -> MultiFernet:
    return MultiFernet([_fernet(key, context) for key in _keys()])


def _fernet(key: str, context: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE + context.encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
