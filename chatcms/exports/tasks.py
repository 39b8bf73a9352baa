"""What beat asks for."""

from __future__ import annotations

from celery import shared_task

from chatcms.exports import services


@shared_task(name="exports.remove_old")
def remove_old() -> int:
    """Remove exports that are older than a week."""
    return services.remove_old_everywhere()
