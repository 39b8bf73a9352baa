"""Makes a bot's short name for addresses out of its name, and tells such names from ids."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection

from django.utils.text import slugify

MAX_BASE = 70
_SLUG = re.compile(r"[a-z0-9_-]{1,80}")


def base_slug(name: str) -> str:
    """Return lower-case ASCII letters, digits and hyphens of a name: never empty, never like an id."""
    base = slugify(name[: 4 * MAX_BASE])[:MAX_BASE].strip("-_") or "bot"
    return f"bot-{base}" if uuid_of(base) else base


def free_slug(base: str, taken: Collection[str]) -> str:
    """Return `base`, or `base` with the first number from 2 up that nobody has."""
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def is_slug(text: str) -> bool:
    """Say whether a text can be a slug at all."""
    return _SLUG.fullmatch(text) is not None


def uuid_of(text: str) -> uuid.UUID | None:
    """Return the id that a text spells, None when it spells none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
