"""Errors of figures."""

from __future__ import annotations

from chatcms.core.exceptions import (
    InvalidInputError,
)


class AnalyticsPeriodError(InvalidInputError):
    """The first day is after the last, or there are too many between."""

    code = "analytics_period"
    default_detail = "Send a first day that is not after the last one, and at most 400 days."
