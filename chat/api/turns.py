"""Joins DRF's synchronous world, where a turn is started, to the asynchronous one, where it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from chat.types import TurnEvent
from chatcms.core import sse
from tenants.api_base import TenantAPIView
from tenants.context import release_connection

Reply = Callable[[], Awaitable[HttpResponseBase]]


class StartedTurn(HttpResponse):
    """What a view returns when its turn has been started: how to go on without thread and connection."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class TurnAPIView(TenantAPIView):
    """A view whose synchronous method authenticates, validates and starts a turn, and returns a `StartedTurn`.

    The rest happens on the event loop: no thread and no database connection is held while a model answers.
    """

    # A turn outlives its request: the chat keeps a record of its own of what was asked with which key.
    idempotent: ClassVar[bool] = False

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the asynchronous view function."""
        view = super().as_view(**initkwargs)

        def start(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            finally:
                release_connection()

        @wraps(view)
        async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = await sync_to_async(start)(request, *args, **kwargs)
            if not isinstance(response, StartedTurn):
                return response
            answered = await response.reply()
            for name, value in response.items():
                if name != "Content-Type":
                    answered.headers.setdefault(name, value)
            return answered

        return answer


def event_stream(pump: sse.Pump[TurnEvent], encode: Callable[[TurnEvent], bytes]) -> StreamingHttpResponse:
    """Return the response that sends a turn's events as they come, with heartbeats in between."""
    return StreamingHttpResponse(sse.stream(pump, encode), content_type=sse.CONTENT_TYPE, headers=dict(sse.HEADERS))
