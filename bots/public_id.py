"""Makes the id by which pages name a bot: tenant and bot in one word, found again without a table."""

from __future__ import annotations

import re
import uuid

BRAND = "bot_"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 43
LENGTH = len(BRAND) + _LENGTH
_SHAPE = re.compile(rf"{BRAND}([0-9A-Za-z]{{{_LENGTH}}})")


def public_id(*, tenant_id: uuid.UUID, bot_id: uuid.UUID) -> str:
    """Return the public id of a tenant's bot: no secret, it only names."""
    number = int.from_bytes(tenant_id.bytes + bot_id.bytes, "big")
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return BRAND + digits.rjust(_LENGTH, _DIGITS[0])


def ids_of(text: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Return the tenant's and the bot's id that a public id names, None when the text is none."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    number = 0
    for digit in found[1]:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    if number >= 1 << 256:
        return None
    both = number.to_bytes(32, "big")
    return uuid.UUID(bytes=both[:16]), uuid.UUID(bytes=both[16:])
