"""Signs what is sent, by the Standard Webhooks specification, so that receivers can tell that it comes from here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a secret: `whsec_` and 256 random bits in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(*, secret: str, event_id: uuid.UUID, timestamp: int, body: bytes) -> dict[str, str]:
    """Return `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` for a body.

    The signature is `v1,` and the base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{event_id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {"webhook-id": str(event_id), "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{digest}"}
