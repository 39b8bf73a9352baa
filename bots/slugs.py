"""Makes a bot's short name for addresses out of its name."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.utils.text import slugify

MAX_BASE = 70


def base_slug(name: str) -> str:
    """Return lower-case ASCII letters, digits and hyphens of a name; never empty, and never what an id looks like."""
    base = slugify(name)[:MAX_BASE].strip("-_") or "bot"
    try:
        uuid.UUID(base)
    except ValueError:
        return base
    return f"bot-{base}"


def free_slug(base: str, taken: Collection[str]) -> str:
    """Return `base`, or `base` with the first number from 2 up that nobody has."""
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
