"""Figures of many tables that one query can read together, each of them a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, Func, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chatcms.core.ids import first_uuid7_of


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of today so far, and of the same weekday last week up to the same time."""

    today: int
    before: int

    @property
    def change(self) -> int | None:
        """By how many hundredths it grew; None when there was nothing to compare with."""
        return round(100 * (self.today - self.before) / self.before) if self.before else None

    @property
    def less(self) -> int:
        """By how many hundredths it shrank."""
        return -(self.change or 0)


def counted(rows: QuerySet[Any]) -> Coalesce:
    """Return how many rows there are, for a query about something else."""
    return _folded(rows, "COUNT", "pk")


def summed(rows: QuerySet[Any], field: str) -> Coalesce:
    """Return the sum of a field of the rows, for a query about something else; 0 when there are none."""
    return _folded(rows, "SUM", field)


def made_between(since: datetime, until: datetime) -> Q:
    """Return the condition that a row was made in this span: ids are in order of time, the primary key finds them."""
    return Q(id__gte=first_uuid7_of(since), id__lt=first_uuid7_of(until))


def _folded(rows: QuerySet[Any], function: str, field: str) -> Coalesce:
    # An aggregate of Django's own would group by row; this is one number.
    folded = Func(F(field), function=function, output_field=BigIntegerField())
    return Coalesce(Subquery(rows.order_by().annotate(folded=folded).values("folded")), 0)
