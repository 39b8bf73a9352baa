"""Writes decimal numbers for machines in one way: no exponent, no locale, as many digits as they have."""

from __future__ import annotations

from decimal import Decimal


def plain(value: Decimal) -> str:
    """Return the number as digits with a point: `0.00000000`, never `0E-8`; `100`, never `1E+2`."""
    return format(value, "f")


def jsonable(value: object) -> str:
    """Return what an encoder of JSON writes of a value that it does not know: its text, a number plainly."""
    return plain(value) if isinstance(value, Decimal) else str(value)
