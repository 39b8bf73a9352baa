"""The audit log of a tenant, on a page and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout
from tenants import selectors
from tenants.models import AuditEvent
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_HEADS = ("at", "action", "actor_type", "actor", "target_type", "target_id", "target", "detail", "request_id")
MOST_LINES = 50_000


@require_GET
@tenant_page(Capability.AUDIT_READ)
def audit(visit: Visit) -> HttpResponse:
    """Show who did what, the latest first."""
    asked = _asked(visit)
    values = {"listing": visit.listing(_lines(visit, asked), size=50), "asked": asked}
    return visit.render("portal/tenants/audit.html", values)


@require_GET
@tenant_page(Capability.AUDIT_READ)
def audit_csv(visit: Visit) -> HttpResponse:
    """Hand out the same lines as CSV."""
    lines = list(_lines(visit, _asked(visit))[:MOST_LINES])
    headers = {HEADER: attachment(f"audit-{visit.tenant.slug}.csv")}
    return HttpResponse(csvout.document(_rows(lines)), content_type=csvout.CONTENT_TYPE, headers=headers)


def _asked(visit: Visit) -> dict[str, str]:
    query = visit.request.GET
    return {name: query.get(name, "").strip()[:100] for name in ("action", "actor", "since", "until")}


def _lines(visit: Visit, asked: dict[str, str]) -> QuerySet[AuditEvent]:
    since, until = _day(asked["since"]), _day(asked["until"])
    lines = selectors.audit_lines(
        tenant_id=visit.tenant.id,
        action=asked["action"],
        since=since,
        until=until + timedelta(days=1) if until else None,
    )
    return lines.filter(actor_label__icontains=asked["actor"]) if asked["actor"] else lines


def _day(text: str) -> datetime | None:
    try:
        day: date | None = parse_date(text)
    except ValueError:
        day = None
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _rows(lines: list[AuditEvent]) -> Iterator[tuple[Any, ...]]:
    yield _HEADS
    for line in lines:
        yield (
            line.at.isoformat(),
            line.action,
            line.actor_type,
            line.actor_label,
            line.target_type,
            line.target_id,
            line.target_label,
            orjson.dumps(line.detail).decode(),
            line.request_id,
        )
