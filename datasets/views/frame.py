"""What all pages of one dataset have in common: finding it, and the tabs."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from datasets import selectors
from datasets.models import Dataset, Document
from tenants.pages import Visit
from tenants.pages.navigation import Link

# The crawl of a site will be a tab of its own.
_TABS = (
    ("datasets:documents", _("Documents")),
    ("datasets:qa", _("Questions and answers")),
    ("datasets:try", _("Try a question")),
    ("datasets:settings", _("Settings")),
)


def found(visit: Visit, dataset_id: uuid.UUID) -> Dataset:
    """Return the dataset; raise `NoSuchDatasetError`."""
    return selectors.dataset_by_id(dataset_id, by=visit.actor)


def found_document(visit: Visit, document_id: uuid.UUID) -> Document:
    """Return the document with its dataset; raise `NoSuchDocumentError`."""
    return selectors.document_by_id(document_id, by=visit.actor)


def dataset_page(
    visit: Visit, dataset: Dataset, template: str, values: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page of the dataset, with its tabs."""
    shown = {"dataset": dataset, "dataset_tabs": _tabs(visit, dataset), **(values or {})}
    return visit.render(template, shown, status=status)


def _tabs(visit: Visit, dataset: Dataset) -> list[Link]:
    tabs = []
    for name, label in _TABS:
        try:
            url = visit.url(name, dataset.pk)
        except NoReverseMatch:
            continue
        tabs.append(Link(label, "", "", url, visit.request.path == url))
    return tabs
