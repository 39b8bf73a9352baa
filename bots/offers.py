"""Finds what a bot can be made of: the tenant's providers with their models, and its datasets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from bots.models import DEFAULT_MODEL
from datasets.models import Dataset
from datasets.selectors import datasets_with_counts
from providers.exceptions import ProviderMisconfigured
from providers.models import TenantAIProvider
from providers.selectors import access_to, all_providers, default_provider, models_of
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


def offers(*, by: Actor) -> Offers:
    """Return what `by` may make a bot of. One query for each provider that the platform lends, and three more."""
    datasets = datasets_with_counts(by=by).order_by("name", "id")[:MOST_DATASETS]
    return Offers(
        default_name=_default_name(),
        providers=tuple(_offered(row) for row in all_providers(is_active=True).order_by("name", "id")),
        datasets=tuple(_offered_dataset(row) for row in datasets),
    )


def starting_model() -> str:
    """Return the model that a bot begins with: one that the tenant's default provider has."""
    try:
        return access_to(default_provider()).fitting_model(DEFAULT_MODEL)
    except ProviderMisconfigured:
        return DEFAULT_MODEL


def _default_name() -> str:
    try:
        return default_provider().name
    except ProviderMisconfigured:
        return ""


def _offered(row: TenantAIProvider) -> OfferedProvider:
    try:
        models = tuple(info.id for info in models_of(row) if info.kind == "chat")
    except ProviderMisconfigured:
        # It can be chosen all the same, and its own page says what is wrong with it.
        models = ()
    return OfferedProvider(row.pk, row.name, models)


def _offered_dataset(row: Dataset) -> OfferedDataset:
    count: int = row.document_count  # type: ignore[attr-defined]  # brought by the query
    return OfferedDataset(row.pk, row.name, count)
