"""Changes what is published, and keeps each state of it as a version."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from bots.events import tell_published
from bots.models import Bot, BotDraft, BotVersion
from bots.services.settings import BotChanges, DraftChanges, link_datasets, put
from bots.versioned import Settings, differing, settings_of
from tenants.types import Actor

# So many versions of a bot are kept, the newest.
KEPT = 500
MAX_LABEL = 255
_EARLIER = "As it was before versions were kept"


def keep_first(bot: Bot, dataset_ids: Sequence[uuid.UUID], *, by: Actor) -> None:
    """Save a new bot, on which everything else has been put, with its datasets as version 1."""
    bot.version = 1
    bot.save(force_insert=True)
    link_datasets(bot, dataset_ids, by=by)
    tell_published(bot, _keep(bot, settings_of(bot), by=by))


def change(row: Bot, changes: BotChanges | DraftChanges, *, by: Actor, note: str = "") -> None:
    """Change a locked bot; what comes in versions becomes the next one, if it differs from what was published.

    A draft keeps those of its changes that make a difference still. Raises `BotSettingsError`.
    """
    before = settings_of(row)
    row.know_datasets(uuid.UUID(dataset_id) for dataset_id in before["dataset_ids"])
    put(row, changes)
    if "dataset_ids" in changes:
        link_datasets(row, changes["dataset_ids"], by=by)
    after = settings_of(row)
    if after != before:
        if row.version == 0:
            row.version = 1
            _keep(row, before, by=None, note=_EARLIER)
        row.version += 1
        tell_published(row, _keep(row, after, by=by, note=note))
    row.save()
    if draft := BotDraft.objects.filter(bot=row).first():
        save_draft(draft, differing(draft.changes, after))


def save_draft(draft: BotDraft, changes: Settings) -> None:
    """Save a draft with these changes, or delete it when there are none."""
    if changes:
        draft.changes = changes
        draft.save()
    elif draft.pk:
        BotDraft.objects.filter(pk=draft.pk).delete()


def label_of(by: Actor) -> str:
    """Return what to call somebody in a history that is kept longer than the account."""
    return by.label[:MAX_LABEL]


def _keep(row: Bot, settings: Settings, *, by: Actor | None, note: str = "") -> BotVersion:
    version = BotVersion.objects.create(
        bot=row,
        number=row.version,
        settings=settings,
        note=note,
        published_by=by.id if by else None,
        published_by_label=label_of(by) if by else "",
    )
    if row.version > KEPT:
        BotVersion.objects.filter(bot=row, number__lte=row.version - KEPT).delete()
    return version
