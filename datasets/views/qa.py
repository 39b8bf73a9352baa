"""Questions and answers of a dataset: the list, writing and changing one, taking many in and out as CSV."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import reasons, refusals_in
from datasets import pairs_csv, selectors, services
from datasets.api.pairs import pairs_file
from datasets.enums import DocumentSource
from datasets.forms import PairFileForm, PairForm
from datasets.models import Document
from datasets.views.frame import dataset_page, found
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"question": "question", "changed": "updated_at", "added": "id"}


@require_GET
@tenant_page(Capability.DATASETS_READ)
def pairs(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """List the dataset's questions with their answers; asked for by a script, only the list."""
    dataset = found(visit, dataset_id)
    search = visit.request.GET.get("search", "").strip()[:200]
    listing = visit.listing(selectors.pairs_of(dataset, search=search), orders=_ORDERS, default="-added")
    document = Document.objects.filter(dataset=dataset, source=DocumentSource.QA).first()
    values = {"listing": listing, "search": search, "document": document}
    template = "_pairs.html" if visit.is_htmx else "qa_list.html"
    return dataset_page(visit, dataset, f"portal/datasets/{template}", values)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def add(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Write a question with its answer."""
    dataset, form = found(visit, dataset_id), PairForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form):
            services.add_pair(by=visit.actor, dataset=dataset, **form.cleaned_data)
            visit.saved(_("Saved. Bots answer from it in a moment."))
            return visit.redirect("datasets:qa-add" if "another" in visit.request.POST else "datasets:qa", dataset.pk)
    status = 422 if form.errors else 200
    return dataset_page(visit, dataset, "portal/datasets/qa_add.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def edit(visit: Visit, pair_id: uuid.UUID) -> HttpResponse:
    """Change a question or its answer."""
    pair = selectors.pair_by_id(pair_id, by=visit.actor)
    dataset = found(visit, pair.document.dataset_id)
    form = PairForm(visit.request.POST or None, initial={"question": pair.question, "answer": pair.answer})
    if visit.request.method == "POST" and form.is_valid():
        with refusals_in(form):
            services.update_pair(by=visit.actor, pair=pair, **form.cleaned_data)
            visit.saved(_("Saved. Until it is indexed, in a moment, bots answer as before."))
            return visit.redirect("datasets:qa", dataset.pk)
    values = {"form": form, "pair": pair}
    return dataset_page(visit, dataset, "portal/datasets/qa_edit.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def delete(visit: Visit, pair_id: uuid.UUID) -> HttpResponse:
    """Delete a question with its answer."""
    pair = selectors.pair_by_id(pair_id, by=visit.actor)
    services.delete_pair(by=visit.actor, pair=pair)
    visit.saved(_("Deleted. No bot answers from it any more."))
    return visit.redirect("datasets:qa", pair.document.dataset_id)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.DATASETS_WRITE)
def take_in(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Take the questions with their answers of a CSV file in."""
    dataset = found(visit, dataset_id)
    is_sent = visit.request.method == "POST"
    form = PairFileForm(visit.request.POST, visit.request.FILES) if is_sent else PairFileForm()
    if is_sent and form.is_valid():
        try:
            rows = pairs_csv.read_pairs(form.cleaned_data["file"].read(pairs_csv.MAX_BYTES + 1))
            taken = services.take_in_pairs(by=visit.actor, dataset=dataset, pairs=rows)
        except AppError as error:
            for reason in reasons(error):
                form.add_error("file", reason)
        else:
            visit.saved(_said(taken))
            return visit.redirect("datasets:qa", dataset.pk)
    status = 422 if form.errors else 200
    return dataset_page(visit, dataset, "portal/datasets/qa_import.html", {"form": form}, status=status)


@require_GET
@tenant_page(Capability.DATASETS_READ)
def export(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Give all questions with their answers as CSV."""
    return pairs_file(pairs_csv.exported(found(visit, dataset_id)))


def _said(taken: services.Taken) -> str:
    added = ngettext("%(n)s question added", "%(n)s questions added", taken.added) % {"n": taken.added}
    changed = ngettext("%(n)s changed", "%(n)s changed", taken.changed) % {"n": taken.changed}
    return _("%(added)s, %(changed)s, %(unchanged)s as they were.") % {
        "added": added,
        "changed": changed,
        "unchanged": taken.unchanged,
    }
