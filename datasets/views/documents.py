"""Documents: a dataset's list with each one's way to being ready, adding them in three ways, one document."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import refusal, refusals_in
from datasets import notices, selectors, services
from datasets.enums import Arrival, DocumentState, OnSameName
from datasets.files import stored_document
from datasets.forms import AddressForm, RenameForm, TextForm
from datasets.handout import handed_out
from datasets.ingestion.readers.registry import KINDS
from datasets.models import Dataset, Document
from datasets.views.frame import dataset_page, found, found_document
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"name": "name", "size": "size_bytes", "chunks": "chunk_count", "added": "id"}
_STATES = {"failed": DocumentState.FAILED, "ready": DocumentState.READY}
_CHUNK_ORDER = "seq"


@require_GET
@tenant_page(Capability.DATASETS_READ)
def documents(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Show the dataset's documents; asked for by a script, only their list."""
    dataset = found(visit, dataset_id)
    template = "_documents.html" if visit.is_htmx else "document_list.html"
    return dataset_page(visit, dataset, f"portal/datasets/{template}", _listed(visit, dataset))


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def upload(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Take the files of the field `file` in; what is refused is named with its reason, the others are taken."""
    dataset = found(visit, dataset_id)
    files = visit.request.FILES.getlist("file")
    taken, problems = _upload(visit, dataset, files)
    if visit.is_htmx:
        template, values = "portal/datasets/_upload_result.html", {"taken": taken, "problems": problems}
        return visit.render(template, values, status=422 if problems else 200)
    if not problems and files:
        visit.saved(_arrived(taken))
        return visit.redirect("datasets:documents", dataset.pk)
    shown = {**_listed(visit, dataset), "problems": problems, "nothing_chosen": not files}
    return dataset_page(visit, dataset, "portal/datasets/document_list.html", shown, status=422)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def add_address(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Queue a page or file on the web to be fetched."""
    dataset, form = found(visit, dataset_id), AddressForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, at="url"):
            services.add_url(by=visit.actor, dataset=dataset, url=form.cleaned_data["url"])
            visit.saved(_("It is being fetched."))
            return visit.redirect("datasets:documents", dataset.pk)
    return _adding(visit, dataset, form, "portal/datasets/document_add_address.html")


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def add_text(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Take in a text that was written here."""
    dataset, form = found(visit, dataset_id), TextForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form, at="text"):
            both = OnSameName.KEEP_BOTH
            taken = services.add_text(by=visit.actor, dataset=dataset, on_same_name=both, **form.cleaned_data)
            visit.saved(_arrived([taken]))
            return visit.redirect("datasets:documents", dataset.pk)
    return _adding(visit, dataset, form, "portal/datasets/document_add_text.html")


@require_GET
@tenant_page(Capability.DATASETS_READ)
def document(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Show one document and what it was split into."""
    return shown_document(visit, found_document(visit, document_id), RenameForm())


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def rename(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Give a document another name."""
    row, form = found_document(visit, document_id), RenameForm(visit.request.POST)
    if form.is_valid():
        with refusals_in(form, at="name"):
            services.rename_document(by=visit.actor, document=row, name=form.cleaned_data["name"])
            visit.saved(_("The document has its new name."))
            return visit.redirect("datasets:document", row.pk)
    return shown_document(visit, row, form, status=422)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def retry(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Queue a failed document again, or fetch one from the web anew."""
    row = services.retry_document(by=visit.actor, document=found_document(visit, document_id))
    if visit.is_htmx:
        return visit.render("portal/datasets/_document.html", {"document": row})
    visit.saved(_("“%(name)s” is being read again.") % {"name": row.name})
    return visit.redirect("datasets:documents", row.dataset_id)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def delete(visit: Visit, document_id: uuid.UUID) -> HttpResponse:
    """Delete a document with all that was made from it."""
    row = found_document(visit, document_id)
    services.delete_document(by=visit.actor, document=row)
    visit.saved(_("“%(name)s” is deleted. No bot answers from it any more.") % {"name": row.name})
    return visit.redirect("datasets:documents", row.dataset_id)


@require_GET
@tenant_page(Capability.DATASETS_READ)
def download(visit: Visit, document_id: uuid.UUID) -> HttpResponseBase:
    """Hand out the file that a document was made from."""
    stored = stored_document(found_document(visit, document_id))
    return handed_out(stored, if_none_match=visit.request.headers.get("If-None-Match"))


def shown_document(visit: Visit, row: Document, form: RenameForm, *, status: int = 200) -> HttpResponse:
    """Render the page of a document, with its chunks in reading order."""
    search = visit.request.GET.get("search", "").strip()[:200]
    chunks = visit.listing(selectors.chunks_of(row, search=search), default=_CHUNK_ORDER)
    if not form.is_bound:
        form = RenameForm(initial={"name": row.name})
    told = notices.of(row)
    values = {"document": row, "notices": told, "listing": chunks, "search": search, "form": form}
    return dataset_page(visit, row.dataset, "portal/datasets/document_detail.html", values, status=status)


def _upload(
    visit: Visit, dataset: Dataset, files: list[UploadedFile[Any]]
) -> tuple[list[services.TakenIn], list[dict[str, str]]]:
    both = OnSameName.KEEP_BOTH if visit.request.POST.get("keep_both") else OnSameName.REPLACE
    taken, problems = [], []
    for file in files:
        name = file.name or "document"
        try:
            new = services.upload_document(by=visit.actor, dataset=dataset, name=name, file=file, on_same_name=both)
        except AppError as error:
            problems.append({"name": name, "reason": refusal(error)})
        else:
            taken.append(new)
    return taken, problems


def _adding(visit: Visit, dataset: Dataset, form: Any, template: str) -> HttpResponse:
    return dataset_page(visit, dataset, template, {"form": form}, status=422 if form.errors else 200)


def _listed(visit: Visit, dataset: Dataset) -> dict[str, Any]:
    search = visit.request.GET.get("search", "").strip()[:200]
    state = _STATES.get(visit.request.GET.get("state", ""), "")
    rows = selectors.documents_of(dataset, search=search, state=state)
    listing = visit.listing(rows, orders=_ORDERS, default="-added")
    return {
        "listing": listing,
        "search": search,
        "state": state,
        "in_progress": selectors.any_in_progress(dataset),
        "kinds": sorted(extension for kind in KINDS.values() for extension in kind.extensions),
        "max_upload": settings.MAX_UPLOAD_BYTES,
    }


def _arrived(taken: list[services.TakenIn]) -> str:
    told = []
    read = sum(one.arrival != Arrival.UNCHANGED for one in taken)
    if read:
        told.append(ngettext("%(n)s document is being read.", "%(n)s documents are being read.", read) % {"n": read})
    replaced = sum(one.arrival == Arrival.REPLACED for one in taken)
    if replaced:
        told.append(
            ngettext(
                "%(n)s replaces its earlier version, which answers until then.",
                "%(n)s replace their earlier versions, which answer until then.",
                replaced,
            )
            % {"n": replaced}
        )
    if unchanged := len(taken) - read:
        told.append(
            ngettext("%(n)s is here already, unchanged.", "%(n)s are here already, unchanged.", unchanged)
            % {"n": unchanged}
        )
    return " ".join(told)
