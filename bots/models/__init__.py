"""A bot, its versions, the answers people wrote for it, and where it was seen, in the tenant's schema."""

from bots.models.bot import (
    DEFAULT_MODEL,
    MAX_DAILY_QUESTIONS,
    MAX_FALLBACKS,
    MAX_ORIGINS,
    MAX_PROMPT,
    MAX_QUESTION,
    MAX_QUESTIONS,
    MAX_TEXT,
    MAX_TOKENS,
    Bot,
    BotDataset,
    BotQuerySet,
    validate_finite,
    validate_questions,
)
from bots.models.curated import MAX_CURATED, MAX_VARIANTS, CuratedAnswer, CuratedQuestion
from bots.models.sightings import BotSighting
from bots.models.versions import MAX_NOTE, BotDraft, BotVersion

__all__ = [
    "DEFAULT_MODEL",
    "MAX_CURATED",
    "MAX_DAILY_QUESTIONS",
    "MAX_FALLBACKS",
    "MAX_NOTE",
    "MAX_ORIGINS",
    "MAX_PROMPT",
    "MAX_QUESTION",
    "MAX_QUESTIONS",
    "MAX_TEXT",
    "MAX_TOKENS",
    "MAX_VARIANTS",
    "Bot",
    "BotDataset",
    "BotDraft",
    "BotQuerySet",
    "BotSighting",
    "BotVersion",
    "CuratedAnswer",
    "CuratedQuestion",
    "validate_finite",
    "validate_questions",
]
