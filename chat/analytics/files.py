"""Tables of figures as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from chat.analytics.period import Period
from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout


def as_csv(name: str, period: Period, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table as a file that is named after its days."""
    named = f"{name}-{period.since}-{period.until}.csv"
    headers = {HEADER: attachment(named), "Cache-Control": "no-store"}
    return HttpResponse(csvout.document([headings, *rows]), content_type=csvout.CONTENT_TYPE, headers=headers)
