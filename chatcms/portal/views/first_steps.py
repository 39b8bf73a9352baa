"""The first steps, each done on the dashboard itself."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from bots import services as bots
from chatcms.core.exceptions import AppError, NotFoundError
from chatcms.core.pages.preferences import remember
from chatcms.core.pages.refusals import refusal, refusals_in
from chatcms.portal import selectors
from chatcms.portal.forms import BotForm, DatasetForm
from chatcms.portal.steps import HIDDEN
from chatcms.portal.views.dashboard import page
from datasets import services as datasets
from datasets.models import Dataset
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def create_dataset(visit: Visit) -> HttpResponse:
    """Make the first dataset."""
    form = DatasetForm(visit.request.POST)
    if form.is_valid():
        with refusals_in(form):
            datasets.create_dataset(by=visit.actor, name=form.cleaned_data["name"])
            visit.saved(_("The dataset is there. Now give it documents."))
            return visit.redirect("portal:dashboard")
    return page(visit, {"dataset_form": form}, status=422)


@require_POST
@tenant_page(Capability.DATASETS_WRITE)
def upload(visit: Visit) -> HttpResponse:
    """Take files into the first dataset; what is refused is named with its reason, the others are taken."""
    dataset = selectors.own_dataset()
    if dataset is None:
        raise NotFoundError(_("There is no dataset yet. Create one first."))
    files = visit.request.FILES.getlist("file")
    problems = [problem for file in files if (problem := _refusal(visit, dataset, file))]
    if problems or not files:
        return page(visit, {"upload_problems": problems, "nothing_chosen": not files}, status=422)
    arrived = ngettext(
        "%(n)s file has arrived and is being read.", "%(n)s files have arrived and are being read.", len(files)
    )
    visit.saved(arrived % {"n": len(files)})
    return visit.redirect("portal:dashboard")


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def create_bot(visit: Visit) -> HttpResponse:
    """Make the first bot, which answers from every dataset there is."""
    form = BotForm(visit.request.POST)
    if form.is_valid():
        ids = list(Dataset.objects.active().order_by("id").values_list("pk", flat=True))
        with refusals_in(form, {"name": "bot_name"}):
            bots.create_bot(by=visit.actor, name=form.cleaned_data["bot_name"], dataset_ids=ids)
            visit.saved(_("The bot is there. Ask it something."))
            return visit.redirect("portal:dashboard")
    return page(visit, {"bot_form": form}, status=422)


@require_POST
@tenant_page(Capability.BOTS_READ)
def hide(visit: Visit) -> HttpResponse:
    """Put the steps away in this browser; `?steps` shows them again."""
    response = visit.redirect("portal:dashboard")
    hidden = {*visit.request.COOKIES.get(HIDDEN, "").split("."), str(visit.tenant.pk)} - {""}
    remember(response, HIDDEN, ".".join(sorted(hidden)[-20:]))
    return response


def _refusal(visit: Visit, dataset: Dataset, file: UploadedFile[Any]) -> dict[str, str] | None:
    name = file.name or "document"
    try:
        datasets.upload_document(
            by=visit.actor, dataset=dataset, name=name, file=file, content_type=file.content_type or ""
        )
    except AppError as error:
        return {"name": name, "reason": refusal(error)}
    return None
