"""The answers that people wrote for a bot."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bots import selectors, services
from bots.exceptions import NoSuchCuratedAnswerError
from bots.forms import CuratedAnswerForm
from bots.models import CuratedAnswer
from bots.views.frame import bot_page, found
from chatcms.core.pages.refusals import Refusals
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"given": "hit_count", "changed": "updated_at"}
_STATES = {"on": True, "off": False}


@require_GET
@tenant_page(Capability.BOTS_READ)
def answers(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """List a bot's curated answers."""
    bot = found(visit, bot_id)
    search = visit.request.GET.get("search", "").strip()[:200]
    state = visit.request.GET.get("state", "")
    rows = selectors.curated_answers_of(bot, search=search, is_active=_STATES.get(state))
    listing = visit.listing(rows, orders=_ORDERS, default="-id")
    values = {"listing": listing, "search": search, "state": state, "is_filtered": bool(search or state)}
    return bot_page(visit, bot, "portal/bots/answer_list.html", values)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_WRITE)
def create(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Write an answer."""
    bot = found(visit, bot_id)
    form = CuratedAnswerForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        with Refusals(form.refuse):
            services.create_curated_answer(by=visit.actor, bot=bot, **form.cleaned_data)
            visit.saved(_("The answer is saved and given from now on."))
            return visit.redirect("bots:answers", bot.pk)
    status = 200 if visit.request.method == "GET" else 422
    return bot_page(visit, bot, "portal/bots/answer_edit.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_READ)
def edit(visit: Visit, bot_id: uuid.UUID, curated_answer_id: uuid.UUID) -> HttpResponse:
    """Show and change an answer."""
    bot = found(visit, bot_id)
    answer = _found(visit, bot_id, curated_answer_id)
    form = CuratedAnswerForm.of(answer, visit.request.POST or None)
    if visit.request.method == "POST":
        visit.need(Capability.BOTS_WRITE)
        if form.is_valid():
            with Refusals(form.refuse):
                services.update_curated_answer(by=visit.actor, curated_answer=answer, **form.cleaned_data)
                visit.saved(_("The answer is saved."))
                return visit.redirect("bots:answers", bot.pk)
    values = {"form": form, "answer": answer}
    return bot_page(visit, bot, "portal/bots/answer_edit.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def delete(visit: Visit, bot_id: uuid.UUID, curated_answer_id: uuid.UUID) -> HttpResponse:
    """Delete an answer."""
    answer = _found(visit, bot_id, curated_answer_id)
    services.delete_curated_answer(by=visit.actor, curated_answer=answer)
    visit.saved(_("The answer is deleted."))
    return visit.redirect("bots:answers", bot_id)


def _found(visit: Visit, bot_id: uuid.UUID, curated_answer_id: uuid.UUID) -> CuratedAnswer:
    answer = selectors.curated_answer_by_id(curated_answer_id, by=visit.actor)
    if answer.bot_id != bot_id:
        raise NoSuchCuratedAnswerError
    return answer
