"""What the API views of turns share."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from bots.exceptions import NoSuchBotError
from chat.exceptions import NoSuchConversationError
from chat.turns.exceptions import (
    AnswerBrokeOffError,
    DailyQuestionsUsedUpError,
    EmptyQuestionError,
    InvalidPositionError,
    MessagesUsedUpError,
)
from chat.turns.live.position import ID_PATTERN, Position
from chat.turns.serving.audience import error_for
from chat.turns.serving.loop import on_the_loop
from chatcms.core.api.openapi import Responses, problems
from chatcms.core.exceptions import AppError
from providers.exceptions import (
    ProviderAuthError,
    ProviderError,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderRateLimited,
    ProviderUnavailable,
)
from tenants.api_base import TenantAPIView

TURN_ERRORS = (
    *(
        MessagesUsedUpError,
        DailyQuestionsUsedUpError,
        NoSuchBotError,
        NoSuchConversationError,
        EmptyQuestionError,
        InvalidPositionError,
    ),
    *(ProviderAuthError, ProviderMisconfigured, ProviderModelNotFound),
    *(ProviderRateLimited, ProviderUnavailable, AnswerBrokeOffError),
)
LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID",
    {"type": "string", "pattern": ID_PATTERN},
    OpenApiParameter.HEADER,
    description="The `id` of the last event that was received, unchanged.",
)


def turn_problems(*errors: type[AppError]) -> Responses:
    """Return the error answers of a view that asks, with some of its own."""
    return problems(*(400, 401, 403, 415, 422, 504), errors=(*TURN_ERRORS, *errors))


class LoopAPIView(TenantAPIView):
    """A view whose synchronous method may return a `LoopResponse`, which is made on the event loop."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the asynchronous view function."""
        return on_the_loop(super().as_view(**initkwargs))


class TurnAPIView(LoopAPIView):
    """A view whose synchronous method authenticates, validates and starts a turn, and returns a `TurnResponse`.

    The rest happens on the event loop: no thread and no database connection is held while a model answers.
    """

    # A turn outlives its request: the chat keeps a record of its own of what was asked with which key.
    idempotent: ClassVar[bool] = False

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error with what its caller may read of it."""
        # A provider is asked for a known caller only.
        return super().handle_exception(error_for(self.actor, exc) if isinstance(exc, ProviderError) else exc)

    @property
    def resumes(self) -> bool:
        """Whether the caller comes back to an answer of which it has a part."""
        return "Last-Event-ID" in self.request.headers

    @property
    def position(self) -> Position:
        """How far the caller has come, from `Last-Event-ID`. Raises `InvalidPositionError`."""
        return Position.parse(self.request.headers.get("Last-Event-ID", ""))
