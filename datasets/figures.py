"""What counts of a tenant's datasets against its plan; `datasets.quota` refuses by these, and everybody shows them."""

from __future__ import annotations

from django.db.models.expressions import Combinable

from chatcms.core.db.folded import counted, summed
from datasets.models import Dataset, Document


def datasets() -> Combinable:
    """Return how many datasets there are."""
    return counted(Dataset.objects.all())


def documents() -> Combinable:
    """Return how many documents there are in all datasets."""
    return counted(Document.objects.all())


def storage_bytes() -> Combinable:
    """Return how much the documents' files take."""
    return summed(Document.objects.all(), "size_bytes")
