"""What the views of figures share: refusals, the days in every answer, and tables as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from chat.analytics.period import Period
from chat.exceptions import AnalyticsPeriodError
from chatcms.core import csvout
from chatcms.core.attachments import HEADER, attachment
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.openapi import problems
from tenants.exceptions import CredentialError

PROBLEMS = problems(400, errors=(CredentialError, PermissionDeniedError, AnalyticsPeriodError))


def days_of(period: Period) -> dict[str, Any]:
    """Return the days as every answer names them."""
    return {"since": period.since, "until": period.until, "time_zone": period.time_zone}


def as_csv(name: str, period: Period, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table as a file that is named after its days."""
    named = f"{name}-{period.since}-{period.until}.csv"
    headers = {HEADER: attachment(named), "Cache-Control": "no-store"}
    return HttpResponse(csvout.document([headings, *rows]), content_type=csvout.CONTENT_TYPE, headers=headers)
