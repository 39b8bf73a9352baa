"""Reads what sums by day hold besides numbers: histograms of milliseconds, and sets of askers.

Both can be put together without loss: a histogram's packed pairs, and a set's packed numbers, are simply written one
after the other. PostgreSQL packs them (`int2send` and so on), so they are big-endian; whether two
numbers are the same shows in any order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# Eight buckets to each doubling: a value is known to about 4.5 %.
_PER_DOUBLING = 8
_PAIR = np.dtype([("bucket", ">i2"), ("count", ">i4")])


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds that half, and 19 in 20, of the answers took at the most; None when there are none."""

    p50: int | None = None
    p95: int | None = None


UNKNOWN = Percentiles()


def bucket_of(column: str) -> str:
    """Return, in SQL, the bucket that a number of milliseconds belongs to."""
    return f"floor(ln(greatest({column}, 1)::float8) / ln(2::float8) * {_PER_DOUBLING})::int2"


def percentiles(packed: bytes) -> Percentiles:
    """Return what a packed histogram says."""
    pairs = np.frombuffer(packed, _PAIR)
    if not pairs.size:
        return UNKNOWN
    counts = np.bincount(pairs["bucket"], weights=pairs["count"])
    reached = np.cumsum(counts)
    p50, p95 = (int(np.searchsorted(reached, share * reached[-1])) for share in (0.5, 0.95))
    return Percentiles(_milliseconds(p50), _milliseconds(p95))


def size_of(packed: bytes) -> int:
    """Return how many different people are in a packed set."""
    numbers = np.sort(np.frombuffer(packed, np.int64))
    return int(np.count_nonzero(numbers[1:] != numbers[:-1])) + 1 if numbers.size else 0


def _milliseconds(bucket: int) -> int:
    """The middle of a bucket."""
    return round(math.exp2((bucket + 0.5) / _PER_DOUBLING))
