"""Use-cases of bots and of the answers that people wrote for them."""

from bots.services.bots import create_bot, delete_bot, update_bot
from bots.services.curated import create_curated_answer, delete_curated_answer, record_hit, update_curated_answer
from bots.services.lifecycle import archive_bot, duplicate_bot, restore_bot
from bots.services.settings import BotChanges, BotSettings, DraftChanges, FallbackSettings
from bots.services.sightings import note_sighting
from bots.services.versions import discard_draft, edit_draft, previewed, publish_bot, restore_version

__all__ = [
    "BotChanges",
    "BotSettings",
    "DraftChanges",
    "FallbackSettings",
    "archive_bot",
    "create_bot",
    "create_curated_answer",
    "delete_bot",
    "delete_curated_answer",
    "discard_draft",
    "duplicate_bot",
    "edit_draft",
    "note_sighting",
    "previewed",
    "publish_bot",
    "record_hit",
    "restore_bot",
    "restore_version",
    "update_bot",
    "update_curated_answer",
]
