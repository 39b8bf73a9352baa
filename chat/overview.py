"""What the dashboard tells of conversations: parts of one query, and what happened today."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from bots.models import Bot
from chat.enums import Channel, MessageRole
from chat.models import Conversation, Message
from chatcms.core.db.figures import Figure, made_between
from chatcms.core.db.folded import counted


@dataclass(frozen=True, slots=True)
class Today:
    """What happened today."""

    conversations: Figure
    questions: Figure
    unanswered: Figure


def any_conversation_by(channel: Channel) -> Exists:
    """Whether somebody has talked to a bot this way."""
    return Exists(Conversation.objects.filter(channel=channel))


def conversations_with(bots: QuerySet[Bot]) -> Coalesce:
    """How many conversations these bots have."""
    return counted(Conversation.objects.filter(bot__in=bots.values("pk")))


def today_so_far(time_zone: str) -> Today:
    """Return today's figures, by the tenant's clock, beside those of a week ago. Two queries, whatever there is."""
    now = timezone.now()
    start = now.astimezone(zoneinfo.ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    week = timedelta(days=7)
    spans = {"today": made_between(start, now), "before": made_between(start - week, now - week)}
    either = spans["today"] | spans["before"]
    unanswered = Q(role=MessageRole.ASSISTANT, retrieval__contains={"has_evidence": False})
    talks = Conversation.objects.filter(either).aggregate(
        **{name: Count("id", filter=span) for name, span in spans.items()}
    )
    asked: dict[str, Any] = {}
    for name, span in spans.items():
        asked[f"questions_{name}"] = Count("id", filter=span & Q(role=MessageRole.USER))
        asked[f"unanswered_{name}"] = Count("id", filter=span & unanswered)
    found = Message.objects.filter(either, superseded=False).aggregate(**asked)
    return Today(
        conversations=Figure(talks["today"], talks["before"]),
        questions=Figure(found["questions_today"], found["questions_before"]),
        unanswered=Figure(found["unanswered_today"], found["unanswered_before"]),
    )
