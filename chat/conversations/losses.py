"""Says which conversations go with a bot."""

from __future__ import annotations

import uuid

from django.db.models import Sum
from django.utils.translation import ngettext

from chat.models import Budget, Conversation


def losses_of(bot_id: uuid.UUID) -> list[str]:
    """Return what deleting a bot would lose here, in words; what its answers cost is kept."""
    conversations = Conversation.objects.filter(bot=bot_id)
    count = conversations.count()
    messages = conversations.aggregate(total=Sum("message_count"))["total"] or 0
    budgets = Budget.objects.filter(bot=bot_id).count()
    lost = [
        ngettext("%(n)s conversation", "%(n)s conversations", count) % {"n": count},
        ngettext("%(n)s message in them", "%(n)s messages in them", messages) % {"n": messages},
    ]
    if budgets:
        lost.append(ngettext("%(n)s budget", "%(n)s budgets", budgets) % {"n": budgets})
    return lost


def counts_of(bot_id: uuid.UUID) -> dict[str, int]:
    """Return how much deleting a bot loses here."""
    conversations = Conversation.objects.filter(bot=bot_id)
    messages = conversations.aggregate(total=Sum("message_count"))["total"] or 0
    return {"conversations": conversations.count(), "messages": messages}
