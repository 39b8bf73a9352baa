"""Finds what a bot's questions are searched in."""

from __future__ import annotations

import uuid

from bots.exceptions import NoSuchBotError
from bots.selectors import bot_by_id
from tenants.types import Actor


def searched_by_bot(bot_id: uuid.UUID, *, by: Actor) -> tuple[list[uuid.UUID], int]:
    """Return the datasets that a bot answers from and `by` may use, and how many passages it is given at most.

    Raises `NoSuchBotError`.
    """
    bot = bot_by_id(bot_id)
    if not by.may_use_bot(bot.id):
        raise NoSuchBotError
    return [dataset_id for dataset_id in bot.dataset_ids if by.may_use_dataset(dataset_id)], bot.passages
