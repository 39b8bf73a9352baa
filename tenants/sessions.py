"""Keeps browsers' sessions in a table that knows whose each is (`SESSION_ENGINE`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from tenants.models import BrowserSession

# What a sign-in leaves in the session: where it came from, and when it was made and last seen (Unix seconds).
ADDRESS, BROWSER, SIGNED_IN_AT, SEEN_AT = "_address", "_browser", "_signed_in_at", "_seen_at"


class SessionStore(DatabaseSessionStore):
    """Django's sessions in the database, with the facts that people are shown in columns of their own."""

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """The table."""
        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """Return the row of this session as it is to be saved."""
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.address = str(data.get(ADDRESS, ""))[:64]
        row.browser = str(data.get(BROWSER, ""))[:300]
        row.signed_in_at, row.seen_at = _moment(data.get(SIGNED_IN_AT)), _moment(data.get(SEEN_AT))
        return cast(BrowserSession, row)


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
