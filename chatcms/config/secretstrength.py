"""Says whether a secret is one that nobody can guess."""

from __future__ import annotations

import base64
import binascii
import math
from collections import Counter
from itertools import pairwise

DEVELOPMENT_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105 - refused in production
DEVELOPMENT_FERNET_KEY = "ZGV2ZWxvcG1lbnQtb25seS1rZXktLS0tLS0tLS0tLS0="

LEAST_LENGTH = 32
LEAST_BITS = 96.0
NO_FERNET_KEY = "is no Fernet key"
FERNET_BYTES = 32
# What people write where a random value belongs.
PLACEHOLDERS = ("changeme", "change-me", "change_me", "secret", "password", "example", "development", "insecure")


def weakness(value: str) -> str:
    """Return why a secret is too weak, as the rest of a sentence; empty for a good one."""
    if not value:
        return "is missing"
    if len(value) < LEAST_LENGTH:
        return f"has fewer than {LEAST_LENGTH} characters"
    if any(word in value.lower() for word in PLACEHOLDERS):
        return "is a default or a placeholder"
    if _bits(value) < LEAST_BITS or _is_repeated(value) or _is_run(value):
        return "is too easy to guess"
    return ""


def fernet_weakness(value: str) -> str:
    """Return why a key for encryption cannot be used, as the rest of a sentence; empty for a good one."""
    try:
        raw = base64.urlsafe_b64decode(value)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != FERNET_BYTES:
        return NO_FERNET_KEY
    if raw == base64.urlsafe_b64decode(DEVELOPMENT_FERNET_KEY) or b"development" in raw:
        return "is the published key of development"
    text = raw.decode("latin-1")
    return "is too easy to guess" if _bits(text) < LEAST_BITS or _is_repeated(text) or _is_run(text) else ""


def _bits(value: str) -> float:
    """How much its characters can tell, taken one by one."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -len(value) * sum(share * math.log2(share) for share in shares)


def _is_repeated(value: str) -> bool:
    """Whether it is a shorter text, written again and again (and perhaps cut off)."""
    return any(value == (value[:size] * len(value))[: len(value)] for size in range(1, len(value) // 2 + 1))


def _is_run(value: str) -> bool:
    """Whether most of it counts up or down: abcdef…, 987654…"""
    steps = [ord(after) - ord(before) for before, after in pairwise(value)]
    return sum(abs(step) == 1 for step in steps) > len(steps) / 2
