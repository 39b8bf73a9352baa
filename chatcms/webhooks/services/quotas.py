"""Tells the tenant's webhooks that a number its plan allows is used up, with whatever took the last place."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services.emitting import emit


def tell_if_reached(
    *, quota: str, used: int, limit: int, reached_at: int | None = None, resets_at: datetime | None = None
) -> None:
    """Emit `quota.reached` when `used` has come to `limit`, in the transaction of what brought it there.

    Sizes hardly ever meet their limit exactly: theirs counts as reached from `reached_at` on. Told once for each
    period, which ends with `resets_at`; of what never resets, once a day.
    """
    if used < (limit if reached_at is None else reached_at):
        return
    period = resets_at.date() if resets_at else timezone.now().date()
    emit(
        type=EventType.QUOTA_REACHED,
        payload={
            "quota": quota,
            "used": used,
            "limit": limit,
            "resets_at": resets_at.isoformat() if resets_at else None,
        },
        dedupe_key=f"quota:{quota}:{limit}:{period}",
    )
