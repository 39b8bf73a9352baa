"""A number of today beside the same one of a week ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from chatcms.core.db.ids import first_uuid7_of


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


def made_between(since: datetime, until: datetime) -> Q:
    """Return the condition that a row was made in this span: ids are in order of time, the primary key finds them."""
    return Q(id__gte=first_uuid7_of(since), id__lt=first_uuid7_of(until))
