"""The workspace: a dataset's documents beside a conversation with a bot."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from chatcms.portal import selectors
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_GET
@tenant_page(Capability.BOTS_READ)
def workspace(visit: Visit) -> HttpResponse:
    """Show the first dataset and the first bot of the tenant."""
    dataset = selectors.first_dataset()
    documents = selectors.documents_shown(dataset)
    return visit.render(
        "portal/workspace.html",
        {
            "dataset": dataset,
            "bot": selectors.first_bot(),
            "documents": documents,
            "in_progress": selectors.any_in_progress(documents),
            "may_upload": visit.may(Capability.DATASETS_WRITE),
            "max_upload": settings.MAX_UPLOAD_BYTES,
            "answer_placeholder": uuid.UUID(int=0),
        },
    )
