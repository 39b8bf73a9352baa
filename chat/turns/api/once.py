"""What all faces of asking share: a question is asked once, and answered whole or as a stream."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from redis.exceptions import RedisError

from bots.exceptions import NoSuchBotError
from chat.enums import MessageRole, MessageStatus
from chat.exceptions import NoSuchConversationError
from chat.models import Message
from chat.turns.api.base import TurnAPIView
from chat.turns.exceptions import (
    AnswerBrokeOffError,
    DailyQuestionsUsedUpError,
    EmptyQuestionError,
    InvalidPositionError,
    MessagesUsedUpError,
)
from chat.turns.live.position import ID_PATTERN, START, Position
from chat.turns.live.reader import Opener
from chat.turns.live.store import is_made
from chat.turns.services.abandonment import key_of
from chat.turns.services.idempotency import start_once
from chat.turns.services.left_questions import left_question
from chat.turns.services.resumption import reading
from chat.turns.services.run import begin
from chat.turns.serving.events import left_response, stream_turn, whole_turn
from chat.turns.serving.loop import Face, StartedTurn
from chat.turns.turn import LeftQuestion, Turn
from chatcms.core.exceptions import AppError, IdempotencyInFlightError
from chatcms.core.openapi import Responses, problems
from chatcms.core.rendering import EventStreamRenderer
from providers.exceptions import (
    ProviderAuthError,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderRateLimited,
    ProviderUnavailable,
)

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


# So long a process may take from saving a question to its first sign of life.
_BEGINNING = timedelta(seconds=5)


def position_in(view: TurnAPIView) -> Position:
    """Return how far the caller has come, from `Last-Event-ID`; raise `InvalidPositionError`."""
    return Position.parse(view.request.headers.get("Last-Event-ID", ""))


def ask_once(view: TurnAPIView, start: Callable[[], Turn | LeftQuestion], *, stream: bool) -> HttpResponseBase:
    """Answer with the product's own events or document; the same question with the same key is answered once more."""
    wants_stream = stream or view.request.accepted_media_type == EventStreamRenderer.media_type
    after = position_in(view)
    known = start_once(view.keyed(view.request), start)
    if isinstance(known, LeftQuestion):
        return left_response(known, stream=wants_stream)
    if isinstance(known, Message) and known.role == MessageRole.USER:
        return left_response(left_question(known), stream=wants_stream, replayed=True)
    resumes = view.request.headers.get("Last-Event-ID") is not None
    opener, replayed = _opened(view, known, resumes=resumes)
    face: Face = partial(whole_turn, by=view.actor)
    if wants_stream:
        face = partial(stream_turn, by=view.actor, after=after if replayed else START)
    return StartedTurn(opener, face, replayed=replayed)


def open_once(view: TurnAPIView, start: Callable[[], Turn]) -> tuple[Opener, bool]:
    """Return what opens the answer, and whether its question had been asked before, with the same key.

    Raises `IdempotencyInFlightError` while the answer to that is under way.
    """
    return _opened(view, start_once(view.keyed(view.request), start), resumes=False)


def _opened(view: TurnAPIView, known: Turn | Message, *, resumes: bool) -> tuple[Opener, bool]:
    if isinstance(known, Turn):
        return partial(begin, known), False
    if known.status == MessageStatus.STREAMING and not resumes and _is_under_way(view, known):
        raise IdempotencyInFlightError
    return partial(reading, by=view.actor, tenant=view.tenant, message=known, again=True), True


def _is_under_way(view: TurnAPIView, message: Message) -> bool:
    if message.created_at > timezone.now() - _BEGINNING:
        return True
    try:
        return is_made(key_of(view.tenant, message))
    except (RedisError, OSError):
        return True
