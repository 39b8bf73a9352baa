"""What counts of a tenant's answers against its plan: how many this month, and what they cost."""

from __future__ import annotations

from datetime import date

from django.db.models.expressions import Combinable
from django.utils import timezone

from chat.enums import MessageStatus
from chat.models import Message, Usage
from chatcms.core.db.folded import counted, summed_money


def monthly_messages() -> Combinable:
    """Return how many answers there are of this calendar month (UTC): settled, or under way."""
    settled = counted(Usage.objects.filter(day__gte=_first_day()))
    return settled + counted(Message.objects.filter(status=MessageStatus.STREAMING))


def monthly_cost() -> Combinable:
    """Return what the answers of this month (UTC) cost; those of unknown price count nothing."""
    return summed_money(Usage.objects.filter(day__gte=_first_day()), "cost")


def _first_day() -> date:
    return timezone.now().date().replace(day=1)
