"""What an export holds: every table of the tenant, with the fields that are left out, each for a reason.

A test compares the list with the models, and plants secrets: a field that holds one is never written.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from bots.models import Bot, BotDataset, BotDraft, BotSighting, BotVersion, CuratedAnswer, CuratedQuestion
from bots.versioned import said
from chat.models import (
    AnalyticsDay,
    AnalyticsDocument,
    Budget,
    Conversation,
    DismissedQuestion,
    Feedback,
    Message,
    Usage,
)
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from datasets.models import Chunk, Dataset, Document, QAPair
from providers.models import TenantAIProvider
from tenants.models import (
    AccessGrant,
    ApiKey,
    AuditEvent,
    Domain,
    Invitation,
    MemberRequest,
    Membership,
    TenantSettings,
)

Row = dict[str, Any]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Table:
    """A table's file in the export, and the columns that are not in it."""

    name: str
    model: type[Model]
    leave_out: frozenset[str] = frozenset()
    # Gives the row the names that the API has for what it holds.
    said: Callable[[Row], Row] | None = None


def _table(name: str, model: type[Model], *leave_out: str) -> Table:
    return Table(name, model, frozenset(leave_out))


# In the tenant's schema. What can be made anew from these is not exported: vectors, postings, counters.
TABLES = (
    _table("providers", TenantAIProvider, "encrypted_key"),
    _table("datasets", Dataset),
    _table("documents", Document, "storage_key"),
    _table("chunks", Chunk, "ref"),
    _table("questions_with_answers", QAPair),
    Table("bots", Bot, said=said),
    _table("bot_datasets", BotDataset),
    Table("bot_drafts", BotDraft, said=lambda row: {**row, "changes": said(row["changes"])}),
    Table("bot_versions", BotVersion, said=lambda row: {**row, "settings": said(row["settings"])}),
    _table("bot_sightings", BotSighting),
    _table("curated_answers", CuratedAnswer),
    _table("curated_questions", CuratedQuestion, "embedding"),
    _table("conversations", Conversation),
    _table("messages", Message),
    _table("feedback", Feedback),
    _table("usage", Usage),
    _table("budgets", Budget),
    _table("dismissed_questions", DismissedQuestion),
    _table("analytics_days", AnalyticsDay),
    _table("analytics_documents", AnalyticsDocument),
    _table("webhooks", Webhook, "secret"),
    _table("webhook_events", WebhookEvent),
    _table("webhook_deliveries", WebhookDelivery),
    _table("webhook_attempts", WebhookAttempt),
)
# In the public schema, the tenant's rows only.
SHARED = (
    _table("settings", TenantSettings, "identity_secret"),
    _table("domains", Domain),
    _table("invitations", Invitation, "token_hash"),
    _table("api_keys", ApiKey, "key_hash"),
    _table("access_grants", AccessGrant),
    _table("member_requests", MemberRequest),
    _table("audit_log", AuditEvent),
)


def tables(tenant_id: uuid.UUID) -> Iterator[tuple[str, Callable[[], Iterator[Row]]]]:
    """Yield each table's name with how to read its rows."""
    for table in TABLES:
        yield table.name, _reader(table.model._base_manager.all(), table)
    for table in SHARED:
        yield table.name, _reader(table.model._base_manager.filter(tenant_id=tenant_id), table)
    yield "members", lambda: _members(tenant_id)


def columns(table: Table) -> list[str]:
    """Return the columns of a table that are exported."""
    return [field.attname for field in table.model._meta.concrete_fields if field.attname not in table.leave_out]


def _reader(rows: QuerySet[Any], table: Table) -> Callable[[], Iterator[Row]]:
    found = rows.order_by("pk").values(*columns(table))
    return lambda: map(table.said or dict, found.iterator(chunk_size=_AT_ONCE))


def _members(tenant_id: uuid.UUID) -> Iterator[Row]:
    members = Membership.objects.filter(tenant_id=tenant_id).order_by("pk").select_related("user")
    for member in members.iterator(chunk_size=_AT_ONCE):
        yield {
            "id": member.pk,
            "user_id": member.user_id,
            "email": member.user.email,
            "name": member.user.name,
            "role": member.role,
            "is_active": member.is_active,
            "created_at": member.created_at,
        }
