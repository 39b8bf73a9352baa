"""What the dashboard reads, across apps, in few queries."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from bots.models import Bot, BotSighting
from chat.enums import Channel, MessageRole
from chat.models import Conversation, Message
from chatcms.core.folded import counted
from chatcms.core.ids import first_uuid7_of
from chatcms.portal import content
from chatcms.webhooks.enums import DeliveryState
from chatcms.webhooks.models import Webhook, WebhookDelivery
from chatcms.webhooks.selectors import SWITCHED_OFF, with_last_act
from datasets.enums import DocumentState
from datasets.models import Chunk, Dataset, Document
from datasets.selectors import IN_PROGRESS
from providers.enums import ProviderType
from providers.models import TenantAIProvider
from tenants import quotas
from tenants.models import Tenant
from tenants.quotas import Quota

DOCUMENTS_SHOWN = 8
# Of the plan's limits, those that are shown to everybody: money is not.
QUOTAS_SHOWN: tuple[quotas.Figure, ...] = (
    *("monthly_messages", "documents", "storage_bytes", "bots", "datasets", "members"),
)
FAILURES_SHOWN = 5


# --- what there is, by one query ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tenant has: for the first steps and the sample; and what is used of its plan."""

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
    """Return what the tenant in force has, all of it by one query."""
    own_datasets = Dataset.objects.exclude(pk__in=sample_datasets().values("pk"))
    own_documents = Document.objects.filter(dataset__in=own_datasets.values("pk"), state=DocumentState.READY)
    sample_chunks = Chunk.objects.filter(dataset__in=sample_datasets().values("pk"))
    sample_talks = Conversation.objects.filter(bot__in=sample_bots().values("pk"))
    embedded = Conversation.objects.filter(channel=Channel.WIDGET)
    figures = [figure for figure in QUOTAS_SHOWN if quotas.limit_of(tenant.plan, figure) is not None]
    bounded = quotas.columns(*figures)
    rows = Tenant.objects.annotate(
        **bounded,
        has_provider=Exists(TenantAIProvider.objects.active().exclude(provider_type=ProviderType.LOCAL)),
        has_dataset=Exists(own_datasets),
        has_document=Exists(own_documents),
        has_tried=Exists(Conversation.objects.filter(channel=Channel.PORTAL)),
        is_embedded=Exists(BotSighting.objects.all()) | Exists(embedded),
        sample_bot=Subquery(sample_bots().values("pk")[:1]),
        sample_dataset=Subquery(sample_datasets().values("pk")[:1]),
        sample_documents=counted(Document.objects.filter(dataset__in=sample_datasets().values("pk"))),
        sample_chunks=counted(sample_chunks),
        sample_conversations=counted(sample_talks),
    )
    names = [field.name for field in fields(Facts) if field.name != "quotas"]
    row = rows.values(*names, *bounded).get(pk=tenant.pk)
    left = [Quota(figure, row[f"used_{figure}"], quotas.limit_of(tenant.plan, figure)) for figure in figures]
    return Facts(**{name: row[name] for name in names}, quotas=left)


def sample_bots() -> QuerySet[Bot]:
    """The sample's bot, as long as nobody has made it theirs by another name or description."""
    return Bot.objects.filter(name=content.BOT_NAME, description=content.BOT_DESCRIPTION).order_by("id")


def sample_datasets() -> QuerySet[Dataset]:
    """The sample's dataset, as long as nobody has made it theirs by another name or description."""
    found = Dataset.objects.filter(name=content.DATASET_NAME, description=content.DATASET_DESCRIPTION)
    return found.order_by("id")


def own_dataset() -> Dataset | None:
    """The tenant's oldest dataset that may be searched and is not the sample."""
    return Dataset.objects.active().exclude(pk__in=sample_datasets().values("pk")).order_by("id").first()


def bot_to_try() -> Bot | None:
    """The bot that the dashboard lets one talk to: the newest own one, else the sample."""
    is_sample = Exists(sample_bots().filter(pk=OuterRef("pk")))
    return Bot.objects.usable().annotate(is_sample=is_sample).order_by("is_sample", "-id").first()


# --- today against last week -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of today so far, and of the same weekday last week up to the same time."""

    today: int
    before: int

    @property
    def change(self) -> int | None:
        """By how many hundredths it grew; None when there was nothing to compare with."""
        return round(100 * (self.today - self.before) / self.before) if self.before else None

    @property
    def less(self) -> int:
        """By how many hundredths it shrank."""
        return -(self.change or 0)


@dataclass(frozen=True, slots=True)
class Today:
    """What happened today."""

    conversations: Figure
    questions: Figure
    unanswered: Figure


def today_so_far(time_zone: str) -> Today:
    """Return today's figures, by the tenant's clock, beside those of a week ago. Two queries, whatever there is."""
    now = timezone.now()
    start = now.astimezone(zoneinfo.ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    week = timedelta(days=7)
    spans = {"today": _made_between(start, now), "before": _made_between(start - week, now - week)}
    either = spans["today"] | spans["before"]
    unanswered = Q(role=MessageRole.ASSISTANT, retrieval__contains={"has_evidence": False})
    talks = Conversation.objects.filter(either).aggregate(
        **{name: Count("id", filter=span) for name, span in spans.items()}
    )
    counted: dict[str, Any] = {}
    for name, span in spans.items():
        counted[f"questions_{name}"] = Count("id", filter=span & Q(role=MessageRole.USER))
        counted[f"unanswered_{name}"] = Count("id", filter=span & unanswered)
    found = Message.objects.filter(either, superseded=False).aggregate(**counted)
    return Today(
        conversations=Figure(talks["today"], talks["before"]),
        questions=Figure(found["questions_today"], found["questions_before"]),
        unanswered=Figure(found["unanswered_today"], found["unanswered_before"]),
    )


# --- what is under way, and what fails ---------------------------------------------------------------------


def documents_under_way() -> list[Document]:
    """The newest documents that are being read, or could not be; at most `DOCUMENTS_SHOWN`."""
    shown = Document.objects.filter(state__in=[*IN_PROGRESS, DocumentState.FAILED])
    return list(shown.order_by("-id")[:DOCUMENTS_SHOWN])


def any_in_progress(documents: list[Document]) -> bool:
    """Say whether one of them is still being read."""
    return any(document.state in IN_PROGRESS for document in documents)


def failing_providers() -> list[TenantAIProvider]:
    """The providers in use whose last check or call failed."""
    return list(TenantAIProvider.objects.active().filter(last_check_ok=False).order_by("name")[:FAILURES_SHOWN])


@dataclass(frozen=True, slots=True)
class TroubledWebhooks:
    """Webhooks in use that could not be told of the last thing that happened, each with `why`, and those given up."""

    failing: Sequence[Webhook]
    off: Sequence[Webhook]


def troubled_webhooks() -> TroubledWebhooks:
    """Return the webhooks that somebody has to look at. One query."""
    last = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).exclude(state=DeliveryState.PENDING).order_by("-id")
    known = with_last_act(Webhook.objects.all()).annotate(
        last_state=Subquery(last.values("state")[:1]), why=Subquery(last.values("last_error")[:1])
    )
    is_failing = Q(is_active=True, last_state=DeliveryState.FAILED)
    found = list(known.filter(is_failing | Q(is_active=False, last_act=SWITCHED_OFF)).order_by("-is_active", "id"))
    failing = [webhook for webhook in found if webhook.is_active]
    return TroubledWebhooks(failing[:FAILURES_SHOWN], [webhook for webhook in found if not webhook.is_active])


def _made_between(since: datetime, until: datetime) -> Q:
    # Ids are in order of time: the primary key finds the rows.
    return Q(id__gte=first_uuid7_of(since), id__lt=first_uuid7_of(until))
