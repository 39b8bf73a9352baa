"""Makes the challenges that passkeys sign: good for some minutes, for one purpose and person, and once."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from enum import StrEnum

from django.core.cache import caches
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from chatcms.core.exceptions import UnavailableError
from tenants.exceptions import PasskeyRefusedError

logger = logging.getLogger(__name__)

LIFETIME_SECONDS = 5 * 60

_NONCE, _STAMP = 16, 8


class Purpose(StrEnum):
    """What a passkey is asked to sign for."""

    ADD = "add"
    SECOND_STEP = "second-step"
    SIGN_IN = "sign-in"


def issue(purpose: Purpose, *, who: str = "") -> bytes:
    """Return a challenge; it carries its own proof, so that showing a page stores nothing."""
    head = secrets.token_bytes(_NONCE) + int(time.time()).to_bytes(_STAMP)
    return head + _proof(head, purpose, who)


def redeem(challenge: bytes, purpose: Purpose, *, who: str = "") -> None:
    """Use a challenge up. Raises `PasskeyRefusedError` for one that is not ours, too old, or used before.

    Raises `UnavailableError` without Redis, which remembers the used ones.
    """
    head = challenge[: _NONCE + _STAMP]
    if not hmac.compare_digest(challenge[len(head) :], _proof(head, purpose, who)):
        raise PasskeyRefusedError
    age = time.time() - int.from_bytes(head[_NONCE:])
    if age > LIFETIME_SECONDS or not _first_use(head):
        raise PasskeyRefusedError("This took too long. Try again.")


def _proof(head: bytes, purpose: Purpose, who: str) -> bytes:
    value = b"\0".join([purpose.encode(), who.encode(), head])
    return salted_hmac("chatcms.passkey-challenge", value, algorithm="sha256").digest()


def _first_use(head: bytes) -> bool:
    key = f"passkey-challenge:{hashlib.sha256(head).hexdigest()}"
    try:
        return bool(caches["global"].add(key, 1, timeout=2 * LIFETIME_SECONDS))
    except (RedisError, OSError) as error:
        logger.warning("Passkeys are closed while Redis does not answer: %s", type(error).__name__)
        raise UnavailableError("This is not possible at the moment. Try again shortly.") from error
