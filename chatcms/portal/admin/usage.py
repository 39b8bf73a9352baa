"""Usage and cost across tenants: charts by day, and the same by tenant and by model."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from chatcms.core.exceptions import AppError
from chatcms.core.pages import charts
from chatcms.core.pages.forms import DateInput
from tenants.models import Tenant
from tenants.services import reports


class PeriodForm(forms.Form):
    """Which days, and of which tenant."""

    since = forms.DateField(required=False, widget=DateInput())
    until = forms.DateField(required=False, widget=DateInput())
    tenant = forms.ModelChoiceField(Tenant.objects.order_by("name"), required=False, empty_label="All tenants")


def usage(request: HttpRequest) -> HttpResponse:
    """Show the sums of the days asked for, the last thirty by default."""
    if not request.user.has_perm("tenants.view_tenant"):
        raise PermissionDenied
    form = PeriodForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    tenant = asked.get("tenant")
    values: dict[str, Any] = {**admin.site.each_context(request), "title": "Usage and cost", "form": form}
    try:
        values |= _report(asked.get("since"), asked.get("until"), tenant.pk if tenant else None)
    except AppError as error:
        values["problem"] = error.detail
    status = 422 if "problem" in values or form.errors else 200
    return TemplateResponse(request, "admin/usage.html", values, status=status)


def _report(since: date | None, until: date | None, tenant_id: uuid.UUID | None) -> dict[str, Any]:
    period: dict[str, Any] = {"since": since, "until": until, "tenant_id": tenant_id}
    by_day = reports.usage(**period, group_by="day")
    known = {line["day"]: line for line in by_day["results"]}
    span = (by_day["until"] - by_day["since"]).days + 1
    days = [by_day["since"] + timedelta(days=number) for number in range(span)]
    labels = [day.strftime("%d %b") for day in days]
    messages = [float(known[day]["messages"]) if day in known else 0.0 for day in days]
    cost = [float(known[day]["cost"]) if day in known else 0.0 for day in days]
    return {
        "total": by_day["total"],
        "since": by_day["since"],
        "until": by_day["until"],
        "today": timezone.now().date(),
        "charts": [
            ("Answers a day", charts.bars("Answers a day", labels, messages)),
            ("Cost a day in US dollars", charts.bars("Cost a day in US dollars", labels, cost)),
        ],
        "by_day": by_day["results"],
        "by_tenant": reports.usage(**period, group_by="tenant")["results"],
        "by_model": reports.usage(**period, group_by="model")["results"],
    }
