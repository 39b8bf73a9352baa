"""Serves a conversation to those who watch it: the event stream below both API and pages."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase, StreamingHttpResponse

from chat.conversations.services.watch import News, WatchedView, watch
from chat.turns.exceptions import InvalidPositionError
from chat.turns.serving.loop import LoopResponse, leave_with
from chatcms.core.api import sse
from tenants.context import TenantLike

LONGEST_PLACE = 9


def place_in(text: str) -> int | None:
    """Return the place that a watcher has come to, None for one who begins now; raise `InvalidPositionError`."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_PLACE):
        raise InvalidPositionError
    return int(text)


class WatchResponse(LoopResponse):
    """The events of a conversation from the place `after` on, with heartbeats, until its reader leaves."""

    def __init__(self, tenant: TenantLike, conversation_id: uuid.UUID, show: WatchedView, *, after: int | None) -> None:
        super().__init__()
        self._tenant = tenant
        self._conversation_id = conversation_id
        self._show = show
        self._after = after

    async def made(self) -> HttpResponseBase:
        """Begin to watch."""
        pump = sse.Pump(
            watch(tenant=self._tenant, conversation_id=self._conversation_id, show=self._show, after=self._after)
        )
        pieces = sse.stream(pump, NewsWriter())
        response = StreamingHttpResponse(pieces, content_type=sse.CONTENT_TYPE, headers=dict(sse.HEADERS))
        leave_with(response, pump)
        return response


class NewsWriter:
    """Writes what is new in a conversation as server-sent events."""

    def encode(self, news: News) -> bytes:
        """Return the event of one piece of news."""
        return sse.encode_event(news.name, news.data, news.mark)
