"""How much of its plan a tenant has used: one definition of each figure, given by the app whose rows it counts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from django.db.models.expressions import Combinable

from tenants.models import Plan, Tenant

Figure = Literal["bots", "datasets", "documents", "storage_bytes", "members", "monthly_messages", "monthly_cost"]
"""What plans bound; `Plan` has a field `max_<figure>` for each."""

FIGURES: tuple[Figure, ...] = get_args(Figure)
# The nearest to its end that a tenant may come before people are told.
NEAR = 0.8

_counted: dict[Figure, Callable[[], Combinable]] = {}


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tenant has used of one limit of its plan; no limit is None."""

    name: Figure
    used: int | Decimal
    limit: int | Decimal | None

    @property
    def share(self) -> float:
        """The part that is used, 0 without a limit; of nothing, all is used."""
        if self.limit is None:
            return 0.0
        return float(self.used / self.limit) if self.limit else 1.0

    @property
    def hundredths(self) -> int:
        """The part that is used, in hundredths, at most 100."""
        return min(100, round(100 * self.share))

    @property
    def left(self) -> int | Decimal | None:
        """What is left, at least nothing; None without a limit."""
        return None if self.limit is None else max(self.limit - self.used, type(self.limit)(0))


def register(figure: Figure, counted: Callable[[], Combinable]) -> None:
    """Say what counts for a figure: an expression over a row of tenants, of whose schema it may read.

    Called once for each figure, by the app whose rows are counted, in `AppConfig.ready`.
    """
    _counted[figure] = counted


def columns(*figures: Figure) -> dict[str, Combinable]:
    """Return what counts for each of `figures`, by the names under which tenants are annotated with it."""
    return {f"used_{figure}": _counted[figure]() for figure in figures}


def used(tenant_id: uuid.UUID, *figures: Figure) -> dict[Figure, Any]:
    """Return what the tenant has used, by one query; it must be in force unless only members are asked for."""
    asked = columns(*figures)
    found = Tenant.objects.order_by().annotate(**asked).values(*asked).get(pk=tenant_id)
    return {figure: found[f"used_{figure}"] for figure in figures}


def quotas_of(tenant_id: uuid.UUID, plan: Plan | None, *figures: Figure) -> list[Quota]:
    """Return what the tenant in force has used of `figures`, and what `plan` allows of each."""
    return [Quota(name, amount, limit_of(plan, name)) for name, amount in used(tenant_id, *figures).items()]


def limit_of(plan: Plan | None, figure: Figure) -> int | Decimal | None:
    """Return how much of a figure `plan` allows; None when it bounds nothing."""
    limit: int | Decimal | None = getattr(plan, f"max_{figure}", None)
    return limit
