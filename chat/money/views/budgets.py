"""Budgets: how much bots may spend on models, how much of it is spent, and changing that."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chat.enums import BudgetPeriod
from chat.money import selectors
from chat.money.exceptions import BudgetTakenError
from chat.money.forms import AmountForm, BudgetForm
from chat.money.selectors import budget_by_id
from chat.money.services import budgets as services
from chat.money.services.ledger import accounts_of
from chatcms.core.pages.refusals import refusals_in
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BUDGETS_READ)
def budgets(visit: Visit) -> HttpResponse:
    """List budgets with what is spent of each; make one."""
    form = BudgetForm(visit.request.POST or None)
    if visit.request.method == "POST":
        visit.need(Capability.BUDGETS_WRITE)
        if form.is_valid() and _created(visit, form):
            visit.saved(_("The budget holds from the next question on."))
            return visit.redirect("chat:budgets")
    listing = visit.listing(selectors.budgets(by=visit.actor).select_related("bot"))
    accounts = accounts_of(listing.rows)
    rows = [(budget, accounts[budget.pk]) for budget in listing]
    values = {"form": form, "listing": listing, "rows": rows}
    return visit.render("portal/chat/budget_list.html", values, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BUDGETS_WRITE)
def edit(visit: Visit, budget_id: uuid.UUID) -> HttpResponse:
    """Change how much a budget allows."""
    budget = budget_by_id(budget_id, by=visit.actor)
    form = AmountForm(visit.request.POST or None, initial={"amount": budget.amount})
    if visit.request.method == "POST" and form.is_valid():
        services.update_budget(by=visit.actor, budget=budget, amount=form.cleaned_data["amount"])
        visit.saved(_("The budget is saved."))
        return visit.redirect("chat:budgets")
    values = {"form": form, "budget": budget}
    return visit.render("portal/chat/budget_edit.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.BUDGETS_WRITE)
def delete(visit: Visit, budget_id: uuid.UUID) -> HttpResponse:
    """Take a budget away."""
    services.delete_budget(by=visit.actor, budget=budget_by_id(budget_id, by=visit.actor))
    visit.saved(_("The budget is gone: nothing bounds what it bounded."))
    return visit.redirect("chat:budgets")


def _created(visit: Visit, form: BudgetForm) -> bool:
    asked = form.cleaned_data
    bot_id = asked["bot"].pk if asked["bot"] else None
    with refusals_in(form, kinds=(BudgetTakenError,)):
        services.create_budget(
            by=visit.actor, amount=asked["amount"], period=BudgetPeriod(asked["period"]), bot_id=bot_id
        )
        return True
    return False
