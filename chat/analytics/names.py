"""What to call the bots, channels and models that figures are broken down by."""

from __future__ import annotations

from collections.abc import Iterable

from bots.models import Bot
from chat.analytics.figures import FigureLine, Grouping
from chat.enums import Channel

Names = dict[str, str]


def names_of(grouping: Grouping, lines: Iterable[FigureLine]) -> Names:
    """Return what to show for each key; bots by one query, and those that are deleted not at all."""
    keys = [line.key for line in lines]
    if grouping == "bot":
        return {str(pk): name for pk, name in Bot.objects.filter(pk__in=keys).values_list("pk", "name")}
    if grouping == "channel":
        return {key: str(Channel(key).label) if key else "" for key in keys}
    return {key: key for key in keys}
