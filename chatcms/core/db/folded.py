"""One number of many rows as an expression, so that one query can ask for several of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, DecimalField, F, Field, Func, QuerySet, Subquery
from django.db.models.functions import Coalesce


def counted(rows: QuerySet[Any]) -> Coalesce:
    """Return how many rows there are."""
    return _folded(rows, "COUNT", "pk", BigIntegerField(), 0)


def summed(rows: QuerySet[Any], field: str) -> Coalesce:
    """Return the sum of a whole number over the rows, 0 when there is none."""
    return _folded(rows, "SUM", field, BigIntegerField(), 0)


def summed_money(rows: QuerySet[Any], field: str) -> Coalesce:
    """Return the sum of an amount of money over the rows, 0 when there is none."""
    return _folded(rows, "SUM", field, DecimalField(max_digits=20, decimal_places=8), Decimal(0))


def _folded(rows: QuerySet[Any], function: str, name: str, kind: Field[Any, Any], nothing: int | Decimal) -> Coalesce:
    # An aggregate of Django's own would group by row; this is one number.
    folded = Func(F(name), function=function, output_field=kind)
    return Coalesce(Subquery(rows.order_by().annotate(folded=folded).values("folded")), nothing, output_field=kind)
