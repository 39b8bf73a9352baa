"""Says what is lost with a bot; apps above this one register what of theirs goes with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.utils.translation import ngettext

from bots.models import Bot, BotVersion, CuratedAnswer

Counts = Callable[[uuid.UUID], dict[str, int]]
"""Takes a bot's id and returns how much would be lost, by what it is."""
Losses = Callable[[uuid.UUID], list[str]]
"""Takes a bot's id and returns what would be lost, each with its number, in the language in force."""

_registered: list[Losses] = []
_counting: list[Counts] = []
_erasing: list[Callable[[uuid.UUID], None]] = []


def register(losses: Losses, counts: Counts) -> None:
    """Have both asked too, about the tenant in force."""
    _registered.append(losses)
    _counting.append(counts)


def before_deleting(erase: Callable[[uuid.UUID], None]) -> None:
    """Have `erase` called before a bot of the tenant in force is deleted, in the transaction."""
    _erasing.append(erase)


def erase_what_goes_with(bot_id: uuid.UUID) -> None:
    """Have the apps above delete what of theirs goes with a bot, and the copies of it."""
    for erase in _erasing:
        erase(bot_id)


def counted(bot_id: uuid.UUID) -> dict[str, int]:
    """Return how much deleting a bot loses, for the audit log."""
    return {name: number for counts in _counting for name, number in counts(bot_id).items()}


def losses_of(bot: Bot) -> list[str]:
    """Return what deleting a bot would lose, in words."""
    answers = CuratedAnswer.objects.filter(bot=bot).count()
    versions = BotVersion.objects.filter(bot=bot).count()
    own = [ngettext("%(n)s version of its settings", "%(n)s versions of its settings", versions) % {"n": versions}]
    if answers:
        own.append(
            ngettext("%(n)s answer that people wrote", "%(n)s answers that people wrote", answers) % {"n": answers}
        )
    return [text for losses in _registered for text in losses(bot.pk)] + own
