"""Puts the figures together that each app offers, for the dashboard, in few queries."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from django.db.models import QuerySet, Subquery

from bots import overview as of_bots
from bots import selectors as bots
from chat import overview as of_chat
from chat.enums import Channel
from chatcms.portal import content
from datasets import overview as of_datasets
from datasets import selectors as datasets
from providers import overview as of_providers
from tenants import overview as of_tenants
from tenants import quotas
from tenants.quotas import Quota

if TYPE_CHECKING:
    from bots.models import Bot
    from datasets.models import Dataset
    from tenants.models import Tenant


# Of the plan's limits, those that are shown to everybody: money is not.
QUOTAS_SHOWN: tuple[quotas.Figure, ...] = (
    *("monthly_messages", "documents", "storage_bytes", "bots", "datasets", "members"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tenant has: for the first steps, the sample, and what is left of the plan."""

    has_provider: bool
    has_dataset: bool
    has_document: bool
    has_tried: bool
    is_embedded: bool
    sample_bot: uuid.UUID | None
    sample_dataset: uuid.UUID | None
    sample_documents: int
    sample_chunks: int
    sample_conversations: int
    quotas: list[Quota]

    @property
    def has_sample(self) -> bool:
        """Whether the sample is still here, as it was made."""
        return self.sample_bot is not None or self.sample_dataset is not None


def facts_of(tenant: Tenant) -> Facts:
    """Return what the current tenant has, all of it by one query."""
    sample_bot, sample_dataset = sample_bots(), sample_datasets()
    bounded = [figure for figure in QUOTAS_SHOWN if quotas.limit_of(tenant.plan, figure) is not None]
    found = of_tenants.read(
        tenant,
        **quotas.columns(*bounded),
        has_provider=of_providers.any_vendor(),
        has_dataset=of_datasets.any_dataset_beside(sample_dataset),
        has_document=of_datasets.any_ready_document_beside(sample_dataset),
        has_tried=of_chat.any_conversation_by(Channel.PORTAL),
        is_embedded=of_bots.any_sighting() | of_chat.any_conversation_by(Channel.WIDGET),
        sample_bot=Subquery(sample_bot.values("pk")[:1]),
        sample_dataset=Subquery(sample_dataset.values("pk")[:1]),
        sample_documents=of_datasets.documents_in(sample_dataset),
        sample_chunks=of_datasets.chunks_in(sample_dataset),
        sample_conversations=of_chat.conversations_with(sample_bot),
    )
    used = [Quota(figure, found[f"used_{figure}"], quotas.limit_of(tenant.plan, figure)) for figure in bounded]
    return Facts(**{field.name: found[field.name] for field in fields(Facts) if field.name in found}, quotas=used)


def sample_bots() -> QuerySet[Bot]:
    """The sample's bot, as long as nobody has made it theirs by another name or description."""
    return bots.bots_called(content.BOT_NAME, description=content.BOT_DESCRIPTION)


def sample_datasets() -> QuerySet[Dataset]:
    """The sample's dataset, as long as nobody has made it theirs by another name or description."""
    return datasets.datasets_called(content.DATASET_NAME, description=content.DATASET_DESCRIPTION)


def own_dataset() -> Dataset | None:
    """The tenant's oldest dataset that may be searched and is not the sample."""
    return datasets.oldest_dataset(beside=sample_datasets())


def bot_to_try() -> Bot | None:
    """The bot that the dashboard lets one talk to: the newest own one, else the sample."""
    return bots.bot_to_try(last=sample_bots())
