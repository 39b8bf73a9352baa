"""Encrypts providers' keys, each bound to its tenant and row, and says what may be shown of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chatcms.core.db import sealing
from providers.exceptions import ProviderMisconfigured

PURPOSE = "chatcms provider key"
_MIN_TO_SHOW = 12


def encrypt(secret: str, *, context: str) -> str:
    """Return the ciphertext of `secret`, readable only with the same `context`."""
    with _explained():
        return sealing.encrypt(secret, purpose=PURPOSE, context=context)


def decrypt(ciphertext: str, *, context: str) -> str:
    """Return the secret. Raises `ProviderMisconfigured` when no key in force made it for this `context`."""
    with _explained():
        return sealing.decrypt(ciphertext, purpose=PURPOSE, context=context)


def last_four(secret: str) -> str:
    """Return what may be shown of a key: its last four characters, nothing of a short one."""
    return secret[-4:] if len(secret) >= _MIN_TO_SHOW else ""


@contextmanager
def _explained() -> Iterator[None]:
    """Say what to do about a key that cannot be read or written."""
    try:
        yield
    except sealing.UnreadableSecretError:
        raise ProviderMisconfigured(
            "The stored key cannot be read: the encryption key it was written with is missing. Enter the "
            "provider's key again, or let the operator put the old encryption key back at the end of "
            "KEY_ENCRYPTION_KEYS."
        ) from None
    except sealing.NoEncryptionKeyError as error:
        raise ProviderMisconfigured(error.detail) from None
