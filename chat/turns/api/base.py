"""What the API views of turns share."""

from __future__ import annotations

from functools import wraps
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from rest_framework.response import Response

from chat.turns.serving.audience import error_for
from chat.turns.serving.loop import started
from providers.exceptions import ProviderError
from tenants.api_base import TenantAPIView
from tenants.context import release_connection


class TurnAPIView(TenantAPIView):
    """A view whose synchronous method authenticates, validates and starts a turn, and returns a `StartedTurn`.

    The rest happens on the event loop: no thread and no database connection is held while a model answers.
    """

    # A turn outlives its request: the chat keeps a record of its own of what was asked with which key.
    idempotent: ClassVar[bool] = False

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error with what its caller may read of it."""
        # A provider is asked for a known caller only.
        return super().handle_exception(error_for(self.actor, exc) if isinstance(exc, ProviderError) else exc)

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
            return await started(start, request, *args, **kwargs)

        return answer
