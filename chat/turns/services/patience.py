"""Says how long an answer may take, by the timeouts of the providers that are asked for it."""

from __future__ import annotations

from datetime import timedelta

from bots.models import Bot
from chat.turns.services.routes import routes_of
from chatcms.core.exceptions import AppError
from providers.timeouts import LONGEST_ANSWER_SECONDS, longest_answer

# For search, prompt and saving
_MARGIN = timedelta(seconds=60)


def longest_of(bot: Bot) -> timedelta:
    """Return for how long an answer of the bot may be under way: until the last of its models has used up its time.

    Of a bot that cannot answer any more it is as long as one provider may take at the most.
    """
    try:
        routes = routes_of(bot)
    except AppError:
        return timedelta(seconds=LONGEST_ANSWER_SECONDS) + _MARGIN
    seconds = sum(longest_answer(route.access.config.timeouts) for route in routes)
    return timedelta(seconds=seconds) + _MARGIN
