"""Use-cases of bots."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from psycopg.errors import ForeignKeyViolation

from bots.exceptions import BotReferenceGoneError, BotSettingsError, NoSuchBotError, TooManyBotsError
from bots.models import Bot
from bots.selectors import bot_by_id
from bots.slugs import base_slug, free_slug
from datasets.models import Dataset
from providers.models import TenantAIProvider
from tenants import audit
from tenants.context import current_tenant_id
from tenants.models import Plan
from tenants.types import Actor

MAX_DATASETS = 100


class BotSettings(TypedDict, total=False):
    """What may be set of a bot besides its name; what is absent stays, or has the model's default."""

    description: str
    tenant_ai_provider_id: uuid.UUID | None
    system_prompt: str
    model: str
    temperature: float
    max_tokens: int | None
    dataset_ids: Sequence[uuid.UUID]
    welcome_message: str
    suggested_questions: list[str]
    no_evidence: str
    no_evidence_message: str
    is_active: bool


class BotChanges(BotSettings, total=False):
    """What may be changed of a bot."""

    name: str


def create_bot(*, by: Actor, name: str, **settings: Unpack[BotSettings]) -> Bot:
    """Make a bot in the tenant in force. Its slug comes from the name and stays when the name changes.

    Raises `BotSettingsError` with a pointer for each unacceptable value, ids of other tenants among them;
    `TooManyBotsError`, and `BotReferenceGoneError`.
    """
    bot = Bot(created_by=by.id)
    with _references_kept(), transaction.atomic():
        _one_at_a_time()
        _check_quota()
        bot.slug = _free_slug(name)
        _put(bot, {**settings, "name": name})
        bot.save(force_insert=True)
        _link_datasets(bot, settings.get("dataset_ids", ()))
        audit.record("bot.create", by=by, target=bot)
    return bot


def update_bot(*, by: Actor, bot: Bot, **changes: Unpack[BotChanges]) -> Bot:
    """Change a bot of the tenant in force and return it as it is now.

    Raises `BotSettingsError`, `NoSuchBotError` and `BotReferenceGoneError`.
    """
    with _references_kept(), transaction.atomic():
        row = _locked(bot.pk)
        _put(row, changes)
        row.save()
        if "dataset_ids" in changes:
            _link_datasets(row, changes["dataset_ids"])
        audit.record("bot.update", by=by, target=row, changed=sorted(changes))
    return bot_by_id(row.pk)


def delete_bot(*, by: Actor, bot: Bot) -> None:
    """Delete a bot of the tenant in force with all its conversations; its datasets stay.

    Raises `NoSuchBotError`.
    """
    with transaction.atomic():
        row = _locked(bot.pk)
        audit.record("bot.delete", by=by, target=row)
        row.delete()


def _locked(bot_id: uuid.UUID) -> Bot:
    row = Bot.objects.select_for_update().filter(pk=bot_id).first()
    if row is None:
        raise NoSuchBotError
    return row


def _one_at_a_time() -> None:
    """Let one bot be made at a time in a tenant, so that two cannot share the last place or a slug."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.bots', 0))")


def _check_quota() -> None:
    plan = Plan.objects.filter(tenants=current_tenant_id()).first()
    if plan and plan.max_bots is not None and Bot.objects.count() >= plan.max_bots:
        raise TooManyBotsError(limit=plan.max_bots)


def _free_slug(name: str) -> str:
    base = base_slug(name)
    return free_slug(base, set(Bot.objects.filter(slug__startswith=base).values_list("slug", flat=True)))


def _put(bot: Bot, settings: BotChanges) -> None:
    """Set and check all that stands in the bot's own row."""
    for name, value in settings.items():
        if name != "dataset_ids":
            setattr(bot, name, value)
    bot.name = bot.name.strip()
    faults = _faults(bot)
    provider_id = bot.tenant_ai_provider_id
    if provider_id and not TenantAIProvider.objects.filter(pk=provider_id).exists():
        faults["/tenant_ai_provider_id"] = "There is no such provider here."
    if faults:
        raise BotSettingsError(faults)


def _faults(bot: Bot) -> dict[str, str]:
    try:
        bot.clean_fields(exclude=("tenant_ai_provider",))
    except ValidationError as error:
        return {f"/{field}": " ".join(texts) for field, texts in error.message_dict.items()}
    return {}


def _link_datasets(bot: Bot, dataset_ids: Sequence[uuid.UUID]) -> None:
    wanted = list(dict.fromkeys(dataset_ids))
    if len(wanted) > MAX_DATASETS:
        raise BotSettingsError({"/dataset_ids": f"A bot answers from up to {MAX_DATASETS} datasets."})
    found = list(Dataset.objects.filter(pk__in=wanted).only("pk"))
    known = {dataset.pk for dataset in found}
    faults = {
        f"/dataset_ids/{index}": "There is no such dataset here."
        for index, dataset_id in enumerate(dataset_ids)
        if dataset_id not in known
    }
    if faults:
        raise BotSettingsError(faults)
    bot.datasets.set(found)


@contextmanager
def _references_kept() -> Iterator[None]:
    """Explain the database's refusal of a row whose provider or dataset vanished while it was written."""
    try:
        yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, ForeignKeyViolation):
            raise
        raise BotReferenceGoneError from error
