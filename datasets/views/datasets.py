"""Datasets: the list, a new one, its settings and how it is split, its end."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import refusal, refusals_in
from datasets import selectors, services
from datasets.forms import DatasetSettingsForm, NewDatasetForm, SplittingForm
from datasets.models import Dataset
from datasets.views.frame import dataset_page, found
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"name": "name", "documents": "document_count", "chunks": "chunk_count", "changed": "updated_at"}
_SAMPLE = 20_000


@require_GET
@tenant_page(Capability.DATASETS_READ)
def datasets(visit: Visit) -> HttpResponse:
    """List the tenant's datasets."""
    search = visit.request.GET.get("search", "").strip()[:200]
    rows = selectors.datasets_with_counts(by=visit.actor, search=search)
    listing = visit.listing(rows, orders=_ORDERS, default="name")
    return visit.render("portal/datasets/dataset_list.html", {"listing": listing, "search": search})


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def create(visit: Visit) -> HttpResponse:
    """Make a dataset."""
    form = NewDatasetForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form):
            dataset = services.create_dataset(by=visit.actor, **form.cleaned_data)
            visit.saved(_("The dataset is there. Add its first documents."))
            return visit.redirect("datasets:documents", dataset.pk)
    status = 200 if visit.request.method == "GET" else 422
    return visit.render("portal/datasets/dataset_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_READ)
def settings(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Show and change a dataset's settings."""
    dataset = found(visit, dataset_id)
    form = DatasetSettingsForm(visit.request.POST or None, initial=_initial(dataset))
    if visit.request.method == "POST":
        visit.need(Capability.DATASETS_WRITE)
        if form.is_valid():
            services.update_dataset(by=visit.actor, dataset=dataset, **form.cleaned_data)
            visit.saved(_("The settings are saved."))
            return visit.redirect("datasets:settings", dataset.pk)
    return _settings(visit, dataset, form, _splitting_form(dataset))


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_READ)
def split(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Show how a document or a pasted text would be split (GET), or split all documents anew (POST)."""
    dataset = found(visit, dataset_id)
    query = visit.request.GET if visit.request.method == "GET" else visit.request.POST
    form = SplittingForm(query)
    if not form.is_valid():
        return _settings(visit, dataset, DatasetSettingsForm(initial=_initial(dataset)), form, status=422)
    sizes: dict[str, int] = form.cleaned_data
    if visit.request.method == "POST":
        visit.need(Capability.DATASETS_WRITE)
        count = services.resplit_dataset(by=visit.actor, dataset=dataset, **sizes)
        said = ngettext("%(n)s document is being split anew.", "%(n)s documents are being split anew.", count)
        visit.saved(said % {"n": count})
        return visit.redirect("datasets:documents", dataset.pk)
    values = {"preview": None, "preview_problem": "", "preview_document": query.get("document", "")}
    try:
        values["preview"] = _preview(visit, dataset, query.get("document", ""), query.get("text", ""), sizes)
    except AppError as error:
        values["preview_problem"] = refusal(error)
        if (wait := error.extra.get("retry_after")) is not None:
            return _busy(visit, dataset, form, values, wait)
    return _settings(visit, dataset, DatasetSettingsForm(initial=_initial(dataset)), form, values)


def _busy(visit: Visit, dataset: Dataset, form: SplittingForm, values: dict[str, Any], wait: int) -> HttpResponse:
    """Show the page with its sentence, and tell programs when to ask again."""
    # 429 for both: the pages' script shows no page that comes with a status of 500 and more.
    page = _settings(visit, dataset, DatasetSettingsForm(initial=_initial(dataset)), form, values, status=429)
    page["Retry-After"] = str(wait)
    return page


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def delete(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Delete a dataset whose name was typed."""
    dataset = found(visit, dataset_id)
    if visit.request.POST.get("confirm", "").strip() != dataset.name:
        values = {"delete_problem": _("Type the name of the dataset exactly to delete it.")}
        form = DatasetSettingsForm(initial=_initial(dataset))
        return _settings(visit, dataset, form, _splitting_form(dataset), values, status=422)
    services.delete_dataset(by=visit.actor, dataset=dataset)
    visit.saved(_("“%(name)s” is deleted with all that was made from it.") % {"name": dataset.name})
    return visit.redirect("datasets:list")


def _settings(
    visit: Visit,
    dataset: Dataset,
    form: DatasetSettingsForm,
    splitting: SplittingForm,
    values: dict[str, Any] | None = None,
    *,
    status: int = 0,
) -> HttpResponse:
    shown = {
        "form": form,
        "splitting": splitting,
        "documents": selectors.documents_with_files(dataset),
        "edited": services.edited_chunks(dataset),
        **(values or {}),
    }
    status = status or (422 if form.errors else 200)
    return dataset_page(visit, dataset, "portal/datasets/dataset_settings.html", shown, status=status)


def _preview(visit: Visit, dataset: Dataset, document_id: str, text: str, sizes: dict[str, int]) -> Any:
    if text.strip():
        return services.preview_text(dataset=dataset, text=text[:_SAMPLE], **sizes)
    document = selectors.document_by_id(uuid.UUID(document_id), by=visit.actor) if _is_id(document_id) else None
    if document is None or document.dataset_id != dataset.pk:
        return None
    document.dataset = dataset
    return services.preview_document(document=document, **sizes)


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _initial(dataset: Dataset) -> dict[str, Any]:
    return {name: getattr(dataset, name) for name in ("name", "description", "language", "is_active")}


def _splitting_form(dataset: Dataset) -> SplittingForm:
    return SplittingForm(initial={"chunk_tokens": dataset.chunk_tokens, "chunk_overlap": dataset.chunk_overlap})
