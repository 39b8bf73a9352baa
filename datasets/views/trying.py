"""Trying a question on a dataset: what a bot would be given, by which scores, and whether it would answer."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from datasets import services
from datasets.forms import QuestionForm
from datasets.views.frame import dataset_page, found
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_GET
@tenant_page(Capability.DATASETS_READ)
def try_question(visit: Visit, dataset_id: uuid.UUID) -> HttpResponse:
    """Search the dataset for the question in the address, if there is one."""
    dataset = found(visit, dataset_id)
    form = QuestionForm(visit.request.GET if "q" in visit.request.GET else None)
    trial = None
    if form.is_valid():
        trial = services.try_question(dataset_ids=[dataset.pk], question=form.cleaned_data["q"])
    values = {"form": form, "trial": trial, "question": form.cleaned_data["q"] if trial else ""}
    return dataset_page(visit, dataset, "portal/datasets/dataset_try.html", values, status=422 if form.errors else 200)
