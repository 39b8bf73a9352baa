"""Gives each asker a pseudonym, a number that counts them without naming them: it outlives their conversations.

Its two lowest bits (`KIND`) say of which kind they are; 0 is a visitor. Written twice, for statements and for Python;
a test compares both.
"""

from __future__ import annotations

import hashlib
import uuid

KIND = 3
_KINDS = {"visitor": 0, "user": 1, "api_key": 2}

PERSON = """\
((('x' || left(md5(conversations.actor_type || ':' || coalesce(conversations.actor_id::text, '')), 16))
    ::bit(64)::bigint & ~3)
| CASE conversations.actor_type WHEN 'visitor' THEN 0 WHEN 'user' THEN 1 WHEN 'api_key' THEN 2 ELSE 3 END)"""
"""The pseudonym of a conversation's holder, in SQL."""


def person_of(actor_type: str, actor_id: uuid.UUID | None) -> int:
    """Return the number of an actor."""
    digest = hashlib.md5(f"{actor_type}:{actor_id or ''}".encode(), usedforsecurity=False).digest()
    return (int.from_bytes(digest[:8], signed=True) & ~KIND) | _KINDS.get(actor_type, KIND)
