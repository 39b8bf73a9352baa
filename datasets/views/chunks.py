"""Chunks: add, edit, switch off, delete one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chatcms.core.pages.refusals import refusals_in
from datasets import selectors, services
from datasets.forms import ChunkForm, NewChunkForm
from datasets.models import Chunk
from datasets.views.frame import dataset_page, found_document
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def add(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Add a chunk at the end of a document."""
    document, form = found_document(visit, document_id), NewChunkForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, at="text"):
            services.add_chunk(by=visit.actor, document=document, **form.cleaned_data)
            visit.saved(_("The chunk is added, and can be found at once."))
            return visit.redirect("datasets:document", document.pk)
    values = {"document": document, "form": form}
    status = 422 if form.errors else 200
    return dataset_page(visit, document.dataset, "portal/datasets/chunk_add.html", values, status=status)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def edit(visit: Visit, chunk_id: uuid.UUID) -> HttpResponse:
    """Change a chunk's text, or whether it is found."""
    chunk = selectors.chunk_by_id(chunk_id, by=visit.actor)
    form = ChunkForm(visit.request.POST or None, initial={"text": chunk.text, "is_active": chunk.is_active})
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, at="text"):
            _change(visit, chunk, form.cleaned_data)
            visit.saved(_("The chunk is saved, and found as it is now."))
            return visit.redirect("datasets:document", chunk.document_id)
    values = {"document": chunk.document, "chunk": chunk, "form": form}
    status = 422 if form.errors else 200
    return dataset_page(visit, chunk.document.dataset, "portal/datasets/chunk_edit.html", values, status=status)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def switch(visit: Visit, chunk_id: uuid.UUID) -> HttpResponse:
    """Switch a chunk off, or on again."""
    chunk = selectors.chunk_by_id(chunk_id, by=visit.actor)
    changed = _change(visit, chunk, {"is_active": not chunk.is_active})
    if visit.is_htmx:
        return visit.render("portal/datasets/_chunk.html", {"chunk": changed})
    return visit.redirect("datasets:document", chunk.document_id)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def delete(visit: Visit, chunk_id: uuid.UUID) -> HttpResponse:
    """Delete a chunk."""
    chunk = selectors.chunk_by_id(chunk_id, by=visit.actor)
    services.delete_chunk(by=visit.actor, chunk=chunk)
    visit.saved(_("The chunk is deleted."))
    return visit.redirect("datasets:document", chunk.document_id)


def _change(visit: Visit, chunk: Chunk, changes: dict[str, Any]) -> Chunk:
    return services.apply_edit(by=visit.actor, edit=services.prepare_edit(chunk=chunk, **changes))
