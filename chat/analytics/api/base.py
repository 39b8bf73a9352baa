"""What the views of figures share: refusals, the days in every answer, and tables as CSV."""

from __future__ import annotations

from typing import Any

from chat.analytics.exceptions import AnalyticsPeriodError
from chat.analytics.period import Period
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from tenants.exceptions import CredentialError

PROBLEMS = problems(400, errors=(CredentialError, PermissionDeniedError, AnalyticsPeriodError))


def days_of(period: Period) -> dict[str, Any]:
    """Return the days as every answer names them."""
    return {"since": period.since, "until": period.until, "time_zone": period.time_zone}
