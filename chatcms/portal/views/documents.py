"""The documents of the workspace: upload, state, retry, delete."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from chatcms.core.exceptions import AppError, NotFoundError, PermissionDeniedError
from chatcms.portal import selectors
from datasets import services
from datasets.models import Document
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_READ)
def documents(visit: Visit) -> HttpResponse:
    """Show the list of documents; a POST uploads the files of the form field `file` first."""
    problems: list[dict[str, str]] = []
    if visit.request.method == "POST":
        if not visit.may(Capability.DATASETS_WRITE):
            raise PermissionDeniedError
        problems = _upload(visit, visit.request.FILES.getlist("file"))
        if "HX-Request" not in visit.request.headers:
            return redirect("portal:dashboard", visit.tenant.slug)
    return _list(visit, problems)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def retry(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Put a failed document into the queue again."""
    services.retry_document(by=visit.actor, document=_document(document_id))
    return _list(visit)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def delete(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Delete a document with everything made from it."""
    services.delete_document(by=visit.actor, document=_document(document_id))
    return _list(visit)


def _upload(visit: Visit, files: list[UploadedFile[Any]]) -> list[dict[str, str]]:
    dataset = selectors.first_dataset()
    if dataset is None:
        raise NotFoundError("There is no dataset yet. Make one through the API first.")
    problems = []
    for file in files:
        name = file.name or "document"
        try:
            services.upload_document(
                by=visit.actor, dataset=dataset, name=name, file=file, content_type=file.content_type or ""
            )
        except AppError as error:
            problems.append({"name": name, "reason": error.detail})
    return problems


def _document(document_id: uuid.UUID) -> Document:
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        raise NotFoundError("This document is gone already.")
    return document


def _list(visit: Visit, problems: list[dict[str, str]] | None = None) -> HttpResponse:
    shown = selectors.documents_shown(selectors.first_dataset())
    return visit.render(
        "portal/_documents.html",
        {
            "documents": shown,
            "in_progress": selectors.any_in_progress(shown),
            "upload_problems": problems or [],
            "may_upload": visit.may(Capability.DATASETS_WRITE),
        },
    )
