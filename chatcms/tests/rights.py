"""Says which caller may use which route, by the hand-written table."""

from __future__ import annotations

from chatcms.tests.route_table import ANY, NOT_FOR_VISITORS, OPEN, TABLE
from chatcms.tests.world import actors
from tenants.permissions import Capability, allows

ACTORS = actors()
CALLERS = ["anonymous", *ACTORS]


def may(caller: str, name: str) -> bool:
    """Whether the caller is let in to the route and method of this name."""
    need = TABLE[name]
    if need == OPEN:
        return True
    if caller == "anonymous" or (caller == "visitor" and name in NOT_FOR_VISITORS):
        return False
    return need == ANY or allows(ACTORS[caller], Capability(need))
