"""What may be set of a bot, and whether it is acceptable."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from django.core.exceptions import ValidationError

from bots import look, origins
from bots.exceptions import BotSettingsError
from bots.look import LookSettings
from bots.models import MAX_FALLBACKS, MAX_ORIGINS, Bot, BotDataset
from bots.services.running import Faults, faults_of
from chatcms.core.errortext import ErrorText
from chatcms.core.text.safety import seen
from datasets.models import Dataset
from tenants.types import Actor

MAX_DATASETS = 100
MAX_MODEL = 200


class FallbackSettings(TypedDict):
    """A model to ask when those before it fail; of the tenant's default provider unless one is named."""

    model: str
    provider_id: NotRequired[uuid.UUID | None]


class VersionedSettings(TypedDict, total=False):
    """What comes in versions besides the name; what is absent stays, or has the model's default."""

    description: str
    tenant_ai_provider_id: uuid.UUID | None
    system_prompt: str
    model: str
    temperature: float
    max_tokens: int | None
    passages: int
    dataset_ids: Sequence[uuid.UUID]
    fallbacks: Sequence[FallbackSettings]
    welcome_message: str
    suggested_questions: list[str]
    no_evidence: str
    no_evidence_message: str
    look: LookSettings


class BotSettings(VersionedSettings, total=False):
    """What may be set of a bot besides its name: also who may talk to it, which holds at once and in all versions."""

    allowed_origins: Sequence[str]
    require_identity: bool
    hosted_page: bool
    daily_visitor_questions: int | None
    is_active: bool


class BotChanges(BotSettings, total=False):
    """What may be changed of a bot."""

    name: str


class DraftChanges(VersionedSettings, total=False):
    """What may be changed of a draft."""

    name: str


def put(bot: Bot, settings: BotChanges | DraftChanges) -> None:
    """Set and check all that stands in the bot's own row; call it in a transaction.

    The providers that it names stay until that ends. Raises `BotSettingsError` with every fault.
    """
    values: dict[str, Any] = dict(settings)
    values.pop("dataset_ids", None)
    faults: Faults = {}
    if "allowed_origins" in values:
        values["allowed_origins"] = _origins(values["allowed_origins"], faults)
    if "fallbacks" in values:
        values["fallbacks"] = _fallbacks(values["fallbacks"], faults)
    if "look" in values:
        values["look"] = _look(bot, values["look"], faults)
    for name, value in values.items():
        setattr(bot, name, value)
    bot.name = seen(bot.name)
    faults |= _faults_of_fields(bot) | faults_of(bot, settings)
    if faults:
        raise BotSettingsError(faults)


def link_datasets(bot: Bot, dataset_ids: Sequence[uuid.UUID], *, by: Actor) -> None:
    """Have the bot answer from these datasets and no others; raise `BotSettingsError` as `checked_datasets` does."""
    found = checked_datasets(bot, dataset_ids, by=by)
    bot.datasets.set(found)
    bot.know_datasets(dataset.pk for dataset in found)


def checked_datasets(bot: Bot, dataset_ids: Sequence[uuid.UUID], *, by: Actor) -> list[Dataset]:
    """Return the datasets, each once; raise `BotSettingsError` with a pointer for each that may not be the bot's.

    Whoever is limited to some datasets can add no others; those that the bot has already may stay.
    """
    wanted = list(dict.fromkeys(dataset_ids))
    if len(wanted) > MAX_DATASETS:
        raise BotSettingsError(
            {"/dataset_ids": ErrorText("A bot answers from up to %(most)s datasets.", most=MAX_DATASETS)}
        )
    linked = set(BotDataset.objects.filter(bot=bot).values_list("dataset_id", flat=True))
    found = [
        dataset
        for dataset in Dataset.objects.filter(pk__in=wanted).only("pk")
        if dataset.pk in linked or by.may_use_dataset(dataset.pk)
    ]
    known = {dataset.pk for dataset in found}
    faults = {
        f"/dataset_ids/{index}": ErrorText("There is no such dataset here.")
        for index, dataset_id in enumerate(dataset_ids)
        if dataset_id not in known
    }
    if faults:
        raise BotSettingsError(faults)
    return found


def _faults_of_fields(bot: Bot) -> Faults:
    try:
        bot.clean_fields(exclude=("tenant_ai_provider", "fallbacks", "allowed_origins", "look"))
    except ValidationError as error:
        return {f"/{field}": ErrorText.spoken(" ".join(texts)) for field, texts in error.message_dict.items()}
    return {}


def _fallbacks(sent: Sequence[FallbackSettings], faults: Faults) -> list[dict[str, str | None]]:
    if len(sent) > MAX_FALLBACKS:
        faults["/fallbacks"] = ErrorText("A bot has up to %(most)s fallbacks.", most=MAX_FALLBACKS)
        return []
    stored: list[dict[str, str | None]] = []
    for index, fallback in enumerate(sent):
        model = fallback.get("model", "").strip()
        if not 0 < len(model) <= MAX_MODEL:
            faults[f"/fallbacks/{index}/model"] = ErrorText(
                "Name a model, in up to %(most)s characters.", most=MAX_MODEL
            )
        provider_id = fallback.get("provider_id")
        stored.append({"provider_id": str(provider_id) if provider_id else None, "model": model})
    return stored


def _origins(sent: Sequence[str], faults: Faults) -> list[str]:
    if len(sent) > MAX_ORIGINS:
        faults["/allowed_origins"] = ErrorText("A bot has up to %(most)s origins.", most=MAX_ORIGINS)
        return []
    found = [origins.normalized(text) for text in sent]
    faults |= {f"/allowed_origins/{index}": origins.EXPECTED for index, one in enumerate(found) if one is None}
    return list(dict.fromkeys(one for one in found if one is not None))


def _look(bot: Bot, sent: LookSettings, faults: Faults) -> dict[str, Any]:
    found: Faults = {}
    changed = look.changed(bot.look, sent, found)
    faults |= {f"/look/{name}": text for name, text in found.items()}
    return changed.stored()
