"""The dashboard: first steps, today, what is under way, what fails, what is left."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from bots.models import Bot
from bots.offers import start_of_new_bot
from bots.public_id import public_id
from chat.overview import today_so_far
from chatcms.portal import selectors
from chatcms.portal.forms import BotForm, DatasetForm
from chatcms.portal.steps import HIDDEN, Step, steps_of
from chatcms.portal.types import Snippet
from chatcms.webhooks.selectors import troubled_webhooks
from datasets.ingestion.readers.registry import KINDS
from datasets.selectors import IN_PROGRESS, documents_under_way
from providers.selectors import failing_providers
from tenants.models import MemberRequest
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.selectors import lapsed_domains_of, requests_waiting_for

DOCUMENTS_SHOWN = 8
FAILURES_SHOWN = 5


@require_GET
@tenant_page(Capability.BOTS_READ)
def dashboard(visit: Visit) -> HttpResponse:
    """Show where things stand."""
    return page(visit)


@require_GET
@tenant_page(Capability.DATASETS_READ)
def under_way(visit: Visit) -> HttpResponse:
    """Show the documents that are being read, or could not be, alone: the dashboard asks again and again."""
    return visit.render("portal/_under_way.html", _under_way())


def page(visit: Visit, values: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """Render the dashboard; `values` is what a refused first step has to say."""
    facts = selectors.facts_of(visit.tenant)
    steps = steps_of(facts, visit.can)
    shown: dict[str, Any] = {
        "facts": facts,
        "steps": steps,
        "steps_done": sum(step.is_done for step in steps),
        "steps_left": sum(not step.is_done for step in steps),
        "shows_steps": _shows_steps(visit, steps),
        "today": today_so_far(visit.settings.time_zone if visit.settings else "UTC"),
        "requests": _requests(visit),
        "failing_providers": failing_providers(FAILURES_SHOWN),
        "webhooks": troubled_webhooks(FAILURES_SHOWN) if visit.can["webhooks_read"] else None,
        "lapsed_domains": lapsed_domains_of(visit.tenant.id) if visit.can["settings_read"] else [],
        "quotas": facts.quotas,
        **_under_way(),
    }
    if shown["shows_steps"]:
        shown |= _for_steps(visit)
    return visit.render("portal/dashboard.html", {**shown, **(values or {})}, status=status)


def _requests(visit: Visit) -> list[MemberRequest]:
    may = visit.may(Capability.MEMBER_REQUESTS_ANSWER)
    return requests_waiting_for(visit.actor, visit.tenant.pk) if may else []


def _shows_steps(visit: Visit, steps: list[Step]) -> bool:
    if "steps" in visit.request.GET:
        return True
    is_hidden = str(visit.tenant.pk) in visit.request.COOKIES.get(HIDDEN, "").split(".")
    return not is_hidden and not all(step.is_done for step in steps)


def _for_steps(visit: Visit) -> dict[str, Any]:
    bot = selectors.bot_to_try()
    return {
        "bot": bot,
        "snippets": [_snippet(visit, bot)] if bot else [],
        "dataset_form": DatasetForm(),
        "bot_form": BotForm(),
        "start": start_of_new_bot(),
        "own_dataset": selectors.own_dataset(),
        "accept": ",".join(sorted(extension for kind in KINDS.values() for extension in kind.extensions)),
        "max_upload": settings.MAX_UPLOAD_BYTES,
    }


def _snippet(visit: Visit, bot: Bot) -> Snippet:
    name = public_id(tenant_id=visit.tenant.pk, bot_id=bot.pk)
    source = visit.request.build_absolute_uri("/widget/v1.js")
    return Snippet("html", "HTML", f'<script async src="{source}" data-bot="{name}"></script>')


def _under_way() -> dict[str, Any]:
    documents = documents_under_way(DOCUMENTS_SHOWN)
    return {"documents": documents, "in_progress": any(document.state in IN_PROGRESS for document in documents)}
