"""Keeps browsers' sessions in a table that knows whose each is, and not how to use them (`SESSION_ENGINE`)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db.models import QuerySet
from django.utils import timezone

from tenants.models import BrowserSession

# What a sign-in leaves in the session: where it came from, and when it was made and last seen (Unix seconds).
ADDRESS, BROWSER, SIGNED_IN_AT, SEEN_AT = "_address", "_browser", "_signed_in_at", "_seen_at"


def stored_key(session_key: str) -> str:
    """Return what is kept of the key in a browser's cookie."""
    # 160 random bits need no slow hash: there is no dictionary to try.
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(DatabaseSessionStore):
    """Django's sessions in the database, with the facts that people are shown in columns of their own.

    The key is in the browser's cookie alone: rows have its hash.
    """

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        """The table."""
        return BrowserSession

    def exists(self, session_key: str) -> bool:
        """Say whether there is a session of that key."""
        return self.get_model_class().objects.filter(session_key=stored_key(session_key)).exists()

    async def aexists(self, session_key: str) -> bool:
        """Say whether there is a session of that key."""
        return await self.get_model_class().objects.filter(session_key=stored_key(session_key)).aexists()

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session of that key, or this one."""
        self._rows(session_key).delete()

    async def adelete(self, session_key: str | None = None) -> None:
        """Delete the session of that key, or this one."""
        await self._rows(session_key).adelete()

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """Return the row of this session as it is to be saved."""
        return self._as_kept(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """Return the row of this session as it is to be saved."""
        return self._as_kept(await super().acreate_model_instance(data), data)

    def _rows(self, session_key: str | None) -> QuerySet[BrowserSession]:
        key = session_key or self.session_key
        rows = self.get_model_class().objects
        return rows.filter(session_key=stored_key(key)) if key else rows.none()

    def _get_session_from_db(self) -> BrowserSession | None:
        row = self._rows(None).filter(expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> BrowserSession | None:
        row = await self._rows(None).filter(expire_date__gt=timezone.now()).afirst()
        if row is None:
            self._session_key = None
        return row

    @staticmethod
    def _as_kept(row: Any, data: dict[str, Any]) -> BrowserSession:
        row.session_key = stored_key(row.session_key)
        row.user_id = data.get(SESSION_KEY)
        row.address = str(data.get(ADDRESS, ""))[:64]
        row.browser = str(data.get(BROWSER, ""))[:300]
        row.signed_in_at, row.seen_at = _moment(data.get(SIGNED_IN_AT)), _moment(data.get(SEEN_AT))
        return cast(BrowserSession, row)


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
