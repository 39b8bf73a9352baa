"""Serves a conversation to those who watch it: the event stream below both API and pages."""

from __future__ import annotations

import uuid
from functools import partial

from django.http import HttpResponseBase
from rest_framework.request import Request

from chat.conversations.services.watch import News, Shown, watch
from chat.turns.exceptions import InvalidPositionError
from chat.turns.serving.loop import Continued, endless_stream
from chatcms.core import sse
from tenants.context import TenantLike

LONGEST_PLACE = 9


def place_in(request: Request) -> int | None:
    """Return the place that a watcher has come to, None for one who begins now; raise `InvalidPositionError`."""
    text = request.headers.get("Last-Event-ID") or request.query_params.get("after", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_PLACE):
        raise InvalidPositionError
    return int(text)


def streamed(tenant: TenantLike, conversation_id: uuid.UUID, show: Shown, *, after: int | None) -> HttpResponseBase:
    """Return the event stream of a conversation."""
    source = partial(watch, tenant=tenant, conversation_id=conversation_id, show=show, after=after)

    async def stream() -> HttpResponseBase:
        return endless_stream(source(), _encode)

    return Continued(stream)


def _encode(news: News) -> bytes:
    return sse.encode_event(news.name, news.data, news.mark)
