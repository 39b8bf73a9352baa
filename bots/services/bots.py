"""Makes, changes and deletes bots."""

from __future__ import annotations

from typing import Any, Unpack, cast

from django.db import transaction

from bots import losses
from bots.models import Bot
from bots.selectors import bot_by_id
from bots.services import rows
from bots.services.running import settled
from bots.services.settings import BotChanges, BotSettings, put
from bots.services.versioning import change, keep_first
from bots.versioned import said
from tenants import audit
from tenants.types import Actor


def create_bot(*, by: Actor, name: str, **settings: Unpack[BotSettings]) -> Bot:
    """Make a bot in the tenant in force, published as version 1.

    It keeps the provider and the model that it is made with, which are the tenant's default ones unless it names
    others. Its slug comes from the name and stays when the name changes. Raises `BotSettingsError` with a pointer for
    each unacceptable value, ids of other tenants among them; `TooManyBotsError`, `BotReferenceGoneError`, and
    `PermissionDeniedError` for a key that is limited to some bots.
    """
    bot = Bot(created_by=by.id)
    with rows.references_kept(), transaction.atomic():
        rows.take_place(by=by)
        bot.slug = rows.new_slug(name)
        put(bot, cast(BotChanges, {**settled(settings), "name": name}))
        keep_first(bot, settings.get("dataset_ids", ()), by=by)
        audit.record("bot.create", by=by, target=bot)
    return bot


def update_bot(*, by: Actor, bot: Bot, **changes: Unpack[BotChanges]) -> Bot:
    """Change a bot of the tenant in force, for its visitors too, and return it as it is now.

    What comes in versions becomes a new version; a draft keeps its own changes. Raises `BotSettingsError`,
    `NoSuchBotError` and `BotReferenceGoneError`.
    """
    with rows.references_kept(), transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        before = {name: getattr(row, name, None) for name in changes}
        change(row, changes, by=by)
        detail = audit.changes(before, {name: getattr(row, name, None) for name in changes})
        changed = sorted(said(changes))
        audit.record("bot.update", by=by, target=row, changed=changed, version=row.version, changes=said(detail))
    return bot_by_id(row.pk)


def delete_bot(*, by: Actor, bot: Bot) -> None:
    """Delete a bot of the tenant in force with all its conversations; its datasets stay.

    Raises `NoSuchBotError`.
    """
    with transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        lost: dict[str, Any] = dict(losses.counted(row.pk))
        audit.record("bot.delete", by=by, target=row, **lost)
        losses.erase_what_goes_with(row.pk)
        row.delete()
