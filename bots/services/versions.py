"""Edits drafts, publishes them, and brings earlier versions back into them."""

from __future__ import annotations

from typing import Unpack, cast

from django.db import transaction
from django.utils import timezone

from bots.exceptions import NoteTooLongError, NothingToPublishError
from bots.history import draft_of, known_datasets, version_of
from bots.models import MAX_NOTE, Bot, BotDraft
from bots.selectors import bot_by_id
from bots.services import rows
from bots.services.settings import DraftChanges, checked_datasets, put
from bots.services.versioning import change, label_of, save_draft
from bots.versioned import Settings, differing, said, settings_of, typed
from chatcms.core.text.safety import storable
from providers.models import TenantAIProvider
from tenants import audit
from tenants.types import Actor


def edit_draft(*, by: Actor, bot: Bot, **changes: Unpack[DraftChanges]) -> Bot:
    """Put changes into a bot's draft, which nobody but members sees, and return the bot.

    Changes that make no difference to what is published leave no draft. Raises `BotSettingsError` and
    `NoSuchBotError`.
    """
    with transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        before = draft_of(row).settings
        after = settings_of(_proposed(row, changes, by=by))
        _save(row, after, by=by)
        told = said(audit.changes(before, after))
        audit.record("bot.edit_draft", by=by, target=row, changed=sorted(said(changes)), changes=told)
    return bot_by_id(row.pk)


def discard_draft(*, by: Actor, bot: Bot) -> Bot:
    """Forget what is not published, and return the bot; raise `NoSuchBotError`."""
    with transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        if row.has_draft:
            _save(row, {}, by=by)
            audit.record("bot.discard_draft", by=by, target=row)
    return bot_by_id(row.pk)


def publish_bot(*, by: Actor, bot: Bot, note: str = "") -> Bot:
    """Make the draft what visitors get, as the next version, and return the bot.

    Raises `NothingToPublishError` without a draft, `NoteTooLongError`, `NoSuchBotError`, and `BotSettingsError` or
    `BotReferenceGoneError` when something that the draft names is gone.
    """
    note = " ".join(storable(note).split())
    if len(note) > MAX_NOTE:
        raise NoteTooLongError(limit=MAX_NOTE)
    with rows.references_kept(), transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        draft = draft_of(row)
        if not draft.changed:
            raise NothingToPublishError
        changed = {name: draft.settings[name] for name in draft.changed}
        told = said(audit.changes(settings_of(row), changed))
        change(row, cast(DraftChanges, typed(changed)), by=by, note=note)
        audit.record("bot.publish", by=by, target=row, version=row.version, changes=told)
    return bot_by_id(row.pk)


def restore_version(*, by: Actor, bot: Bot, number: int) -> tuple[Bot, list[str]]:
    """Make the draft what an earlier version was; return the bot, and what had to be left out since it is gone.

    That is told by JSON pointers into the version's settings. Raises `NoSuchVersionError`, `NoSuchBotError`, and
    `BotSettingsError` when today's rules refuse the version or `by` may not use one of its datasets.
    """
    with transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        settings, gone = _without_gone(version_of(row, number).settings, now=settings_of(row))
        copy = _copy(row)
        _put(copy, cast(DraftChanges, typed(settings)), by=by)
        told = said(audit.changes(draft_of(row).settings, settings_of(copy)))
        _save(row, settings_of(copy), by=by)
        audit.record("bot.restore_version", by=by, target=row, version=number, changes=told)
    return bot_by_id(row.pk), gone


def previewed(*, by: Actor, bot: Bot, **changes: Unpack[DraftChanges]) -> Bot:
    """Return a bot as its draft and further changes would make it, to be tried and never saved.

    Raises `BotSettingsError`.
    """
    with transaction.atomic():
        return _proposed(bot, changes, by=by)


def _proposed(bot: Bot, changes: DraftChanges, *, by: Actor) -> Bot:
    copy = _copy(bot)
    draft = draft_of(bot)
    # The datasets of a draft were checked when it was saved, by whoever was allowed them.
    copy.know_datasets(typed(draft.settings)["dataset_ids"])
    drafted = {name: draft.settings[name] for name in draft.changed if name != "dataset_ids"}
    _put(copy, cast(DraftChanges, {**typed(drafted), **changes}), by=by)
    return copy


def _copy(bot: Bot) -> Bot:
    """Return an instance like `bot` that is no row: an attempt to save it would be refused by the database."""
    copy = Bot(**{field.attname: getattr(bot, field.attname) for field in Bot._meta.concrete_fields})
    copy.know_datasets(bot.dataset_ids)
    return copy


def _put(copy: Bot, changes: DraftChanges, *, by: Actor) -> None:
    put(copy, changes)
    if "dataset_ids" in changes:
        copy.know_datasets(dataset.pk for dataset in checked_datasets(copy, changes["dataset_ids"], by=by))


def _save(row: Bot, settings: Settings, *, by: Actor) -> None:
    """Save what of `settings` differs from what is published as the bot's draft."""
    draft = BotDraft(bot=row, edited_by=by.id, edited_by_label=label_of(by), edited_at=timezone.now())
    save_draft(draft, differing(settings, settings_of(row)))
    # Whoever has seen the bot has seen its draft: an `If-Match` of before must fail.
    row.save(update_fields=["updated_at"])


def _without_gone(settings: Settings, *, now: Settings) -> tuple[Settings, list[str]]:
    """Return a version's settings without datasets and providers that are gone, and where those stood.

    In the place of a provider that is gone stands what the bot runs on `now`: no version moves it elsewhere.
    """
    kept = dict(settings)
    known = known_datasets(settings["dataset_ids"])
    gone = [f"/dataset_ids/{index}" for index, one in enumerate(settings["dataset_ids"]) if one not in known]
    kept["dataset_ids"] = [one for one in settings["dataset_ids"] if one in known]
    providers = {str(pk) for pk in TenantAIProvider.objects.values_list("pk", flat=True)}
    own = settings["tenant_ai_provider_id"]
    if own and own not in providers:
        kept |= {name: now[name] for name in ("tenant_ai_provider_id", "model")}
        gone.append("/provider_id")
    kept["fallbacks"] = []
    for index, fallback in enumerate(settings["fallbacks"]):
        if fallback["provider_id"] and fallback["provider_id"] not in providers:
            gone.append(f"/fallbacks/{index}")
        else:
            kept["fallbacks"].append(fallback)
    return kept, gone
