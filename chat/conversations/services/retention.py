"""Deletes conversations that a tenant does not want to keep any longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.conversations.services.erasure import erase
from chat.models import Conversation
from tenants import audit
from tenants.models import Tenant, TenantSettings
from tenants.types import SYSTEM

BATCH = 200


def delete_expired(*, tenant: Tenant) -> int:
    """Delete the conversations of the current `tenant` whose last message is older than it keeps them.

    In batches, each with its own audit line, so that no lock is held for long and what is done stays done when
    the process is killed. Usage figures stay. Returns how many were deleted; none without a retention.
    """
    days = TenantSettings.objects.filter(tenant_id=tenant.id).values_list("retention_days", flat=True).first()
    if days is None:
        return 0
    before = timezone.now() - timedelta(days=days)
    deleted = 0
    while batch := _delete_some(before):
        deleted += batch
    return deleted


def _delete_some(before: datetime) -> int:
    with transaction.atomic():
        old = Conversation.objects.filter(last_message_at__lt=before).order_by("last_message_at")
        ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        if ids:
            erase(ids, by_age=True)
            audit.record("conversation.expire", by=SYSTEM, deleted=len(ids), before=before.isoformat())
    return len(ids)
