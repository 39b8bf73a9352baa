"""Finds what a bot can be made of: the tenant's providers with their models, and its datasets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from bots.models import DEFAULT_MODEL
from datasets.models import Dataset
from datasets.selectors import datasets_with_counts
from providers.exceptions import ProviderMisconfigured
from providers.models import TenantAIProvider
from providers.selectors import access_to, all_providers, default_provider
from tenants.types import Actor

MOST_DATASETS = 500


@dataclass(frozen=True, slots=True)
class OfferedProvider:
    """A provider, and the chat models that are known of it."""

    id: uuid.UUID
    name: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferedDataset:
    """A dataset, and how many documents are in it."""

    id: uuid.UUID
    name: str
    document_count: int


@dataclass(frozen=True, slots=True)
class Offers:
    """All that there is to choose from; `default_name` is the provider of bots that name none, empty without one."""

    default_name: str
    providers: tuple[OfferedProvider, ...]
    datasets: tuple[OfferedDataset, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """What a new bot runs on: with a provider that `is_local` nothing leaves this server."""

    provider_name: str
    is_local: bool
    model: str


def offers(*, by: Actor) -> Offers:
    """Return what `by` may make a bot of. One query for each provider that the platform lends, and three more."""
    datasets = datasets_with_counts(by=by).order_by("name", "id")[:MOST_DATASETS]
    return Offers(
        default_name=_default_name(),
        providers=tuple(_offered(row) for row in all_providers(is_active=True).order_by("name", "id")),
        datasets=tuple(_offered_dataset(row) for row in datasets),
    )


def start_of_new_bot() -> Start | None:
    """Return what a bot runs on that is made now and names neither provider nor model; None when nothing is set up."""
    try:
        provider = default_provider()
        model = access_to(provider).fitting_model(DEFAULT_MODEL)
    except ProviderMisconfigured:
        return None
    return Start(provider.name, provider.is_local, model)


def _default_name() -> str:
    try:
        return default_provider().name
    except ProviderMisconfigured:
        return ""


def _offered(row: TenantAIProvider) -> OfferedProvider:
    try:
        models = tuple(access_to(row).chat_models())
    except ProviderMisconfigured:
        # It can be chosen all the same, and its own page says what is wrong with it.
        models = ()
    return OfferedProvider(row.pk, row.name, models)


def _offered_dataset(row: Dataset) -> OfferedDataset:
    count: int = row.document_count  # type: ignore[attr-defined]  # brought by the query
    return OfferedDataset(row.pk, row.name, count)
