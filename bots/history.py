"""Finds what was published, and what is being worked on."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from bots.differences import Difference, differences
from bots.exceptions import NoSuchVersionError
from bots.models import Bot, BotDraft, BotVersion
from bots.versioned import PUBLIC_NAMES, Settings, differing, settings_of
from datasets.models import Dataset

DRAFT = "draft"
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Draft:
    """A bot's settings as they would be published now, the names of those that differ, and who changed them last."""

    settings: Settings
    changed: tuple[str, ...] = ()
    edited_by: uuid.UUID | None = None
    edited_by_label: str = ""
    edited_at: datetime | None = None

    @property
    def changed_said(self) -> list[str]:
        """The names of those that differ, as people outside have them."""
        return [PUBLIC_NAMES.get(name, name) for name in self.changed]


def draft_of(bot: Bot) -> Draft:
    """Return what is being worked on: what is published, with the changes that are not."""
    published = settings_of(bot)
    row = BotDraft.objects.filter(bot=bot).first()
    if row is None:
        return Draft(published)
    changes = dict(row.changes)
    if "dataset_ids" in changes:
        known = known_datasets(changes["dataset_ids"])
        changes["dataset_ids"] = [dataset_id for dataset_id in changes["dataset_ids"] if dataset_id in known]
    changes = differing(changes, published)
    return Draft(published | changes, tuple(changes), row.edited_by, row.edited_by_label, row.edited_at)


def known_datasets(dataset_ids: Collection[str]) -> set[str]:
    """Return those of the ids whose datasets are there still."""
    return {str(pk) for pk in Dataset.objects.filter(pk__in=dataset_ids).values_list("pk", flat=True)}


def versions_of(bot: Bot) -> QuerySet[BotVersion]:
    """Return what was published of a bot, the newest first."""
    return BotVersion.objects.filter(bot=bot)


def version_of(bot: Bot, number: int) -> BotVersion:
    """Return one version; raise `NoSuchVersionError`."""
    version = versions_of(bot).filter(number=number).first()
    if version is None:
        raise NoSuchVersionError
    return version


def difference(bot: Bot, *, before: str, after: str) -> list[Difference]:
    """Return how two states of a bot differ: `draft`, `published`, or the number of a version.

    Raises `NoSuchVersionError`.
    """
    return differences(_settings_at(bot, before), _settings_at(bot, after))


def _settings_at(bot: Bot, state: str) -> Settings:
    if state == DRAFT:
        return draft_of(bot).settings
    if state == PUBLISHED:
        return settings_of(bot)
    if not (state.isascii() and state.isdigit() and len(state) < 10):
        raise NoSuchVersionError
    settings: Settings = version_of(bot, int(state)).settings
    return settings
