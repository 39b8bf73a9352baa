"""Puts keys into rows of providers and takes them out: the only place that sees one in clear."""

from __future__ import annotations

import uuid

from providers import crypto
from providers.abstract import ProviderRow
from providers.exceptions import ProviderSettingsError

MAX_KEY = 4096


def platform_context(row_id: uuid.UUID) -> str:
    """The context that the key of a platform provider is bound to."""
    return f"platform/provider/{row_id}"


def tenant_context(tenant_id: uuid.UUID, row_id: uuid.UUID) -> str:
    """The context that the key of a tenant's provider is bound to."""
    return f"tenant/{tenant_id}/provider/{row_id}"


def checked_key(secret: str) -> str:
    """Return a key without the space around it; raise `ProviderSettingsError` for what no HTTP header can carry."""
    secret = secret.strip()
    if len(secret) > MAX_KEY or any(not " " < character <= "~" for character in secret):
        raise ProviderSettingsError(
            "This is not a key: it has spaces, line breaks or letters that no key has. Copy it again.",
            pointer="/api_key",
        )
    return secret


def put_key(row: ProviderRow, secret: str, *, context: str) -> None:
    """Set the row's key (not saved), or take it out when `secret` is empty.

    Raises `ProviderSettingsError` as `checked_key` does.
    """
    secret = checked_key(secret)
    row.encrypted_key = crypto.encrypt(secret, context=context) if secret else ""
    row.key_last_four = crypto.last_four(secret)


def key_of(row: ProviderRow, *, context: str) -> str:
    """Return the row's key, "" when it has none. Raises `ProviderMisconfigured` when it cannot be read."""
    return crypto.decrypt(row.encrypted_key, context=context) if row.encrypted_key else ""
