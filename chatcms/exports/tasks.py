"""What beat asks for."""

from __future__ import annotations

from chatcms.exports import services
from chatcms.jobs.periodic import periodic_task


@periodic_task("exports.remove_old")
def remove_old() -> None:
    """Remove exports that are older than a week."""
    services.remove_old_everywhere()
