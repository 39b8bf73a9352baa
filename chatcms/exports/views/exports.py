"""Exports of all that a tenant has: ask for one, watch it, take it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chatcms.core.http.attachments import HEADER, attachment
from chatcms.exports import services
from chatcms.exports.enums import ExportState
from chatcms.exports.models import TenantExport
from datasets.handout import pieces
from tenants import downloads
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_SHOWN = 10


@require_GET
@tenant_page(Capability.SETTINGS_WRITE)
def exports(visit: Visit) -> HttpResponse:
    """List the exports that are kept; asked for by a script, only the list."""
    rows = list(TenantExport.objects.all()[:_SHOWN])
    values = {"exports": rows, "in_progress": any(row.state == ExportState.QUEUED for row in rows)}
    template = "_exports.html" if visit.is_htmx else "export_list.html"
    return visit.render(f"portal/exports/{template}", values)


@require_POST
@tenant_page(Capability.SETTINGS_WRITE)
def create(visit: Visit) -> HttpResponse:
    """Ask for an export."""
    services.ask_for_export(by=visit.actor)
    visit.saved(_("The export is being made. It appears here when it is ready."))
    return visit.redirect("exports:list")


@require_GET
@tenant_page(Capability.SETTINGS_WRITE)
def download(visit: Visit, export_id: uuid.UUID) -> HttpResponseBase:
    """Hand out the file."""
    path = services.file_of(by=visit.actor, export_id=export_id)
    headers = {
        "Content-Type": "application/zip",
        "Content-Length": str(path.stat().st_size),
        HEADER: attachment(f"{visit.tenant.slug}-{export_id}.zip"),
        "Cache-Control": "no-store",
    }
    response = StreamingHttpResponse(pieces(path), headers=headers)
    downloads.on_record(response)
    return response
