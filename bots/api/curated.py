"""A bot's curated answers over HTTP."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from bots import selectors, services
from bots.api.serializers import CuratedAnswerSerializer, CuratedQuery, NewCuratedAnswerSerializer
from bots.api.views import REFUSALS
from bots.exceptions import (
    CuratedAnswerError,
    CuratedQuestionTakenError,
    NoSuchBotError,
    NoSuchCuratedAnswerError,
    TooManyCuratedError,
)
from bots.models import CuratedAnswer
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.exceptions import PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ORDERINGS = ("-id", "id", "-hit_count", "hit_count", "-updated_at", "updated_at")
_ABOUT = """\
Who asks one of the questions gets the answer as it is, without a model being asked. Case, accents and punctuation do
not matter, nor, in English, endings and words without weight: "opening hours" is "What are your opening hours?". A
question that says anything else is left to the model; add the other ways of asking it as further questions.
"""


class CuratedAnswersView(ListModelMixin, TenantAPIView):
    """The answers that people wrote for one bot, and new ones."""

    serializer_class = CuratedAnswerSerializer
    capabilities = {"GET": Capability.BOTS_READ, "POST": Capability.BOTS_WRITE}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> QuerySet[CuratedAnswer]:
        """Those of the bot in the address that are asked for."""
        asked = serializers.checked_query(CuratedQuery, self.request)
        return selectors.curated_answers_of(selectors.bot_by_id(self.kwargs["bot_id"], by=self.actor), **asked)

    @extend_schema(
        operation_id="curated_answers_list",
        tags=["bots"],
        summary="List a bot's curated answers",
        parameters=[CuratedQuery, ordering_parameter(_ORDERINGS)],
        responses={200: CuratedAnswerSerializer(many=True), **problems(400, errors=(*REFUSALS, NoSuchBotError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Newest first, unless asked otherwise."""
        return self.list(request)

    @extend_schema(
        operation_id="curated_answers_create",
        tags=["bots"],
        summary="Make a curated answer",
        description=_ABOUT,
        request=NewCuratedAnswerSerializer,
        responses={
            201: CuratedAnswerSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, NoSuchBotError, CuratedAnswerError),
                    *(CuratedQuestionTakenError, TooManyCuratedError),
                ),
            ),
        },
        examples=[
            OpenApiExample(
                "Opening hours",
                request_only=True,
                value={
                    "answer": "We are open from nine to five, Monday to Friday.",
                    "questions": ["When are you open?", "Opening hours"],
                },
            )
        ],
    )
    def post(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Make an answer."""
        bot = selectors.bot_by_id(bot_id, by=self.actor)
        asked = NewCuratedAnswerSerializer(data=request.data).values()
        answer = services.create_curated_answer(by=self.actor, bot=bot, **asked)
        return self.tagged(answer, CuratedAnswerSerializer(answer).data, status=status.HTTP_201_CREATED)


class CuratedAnswerView(TenantAPIView):
    """One curated answer."""

    serializer_class = CuratedAnswerSerializer
    capabilities = {
        "GET": Capability.BOTS_READ,
        "PATCH": Capability.BOTS_WRITE,
        "DELETE": Capability.BOTS_WRITE,
    }

    @extend_schema(
        operation_id="curated_answers_read",
        tags=["bots"],
        summary="Show a curated answer",
        responses={200: CuratedAnswerSerializer, **problems(errors=(*REFUSALS, NoSuchCuratedAnswerError))},
    )
    def get(self, request: Request, curated_answer_id: uuid.UUID) -> Response:
        """Give one answer with its questions."""
        answer = selectors.curated_answer_by_id(curated_answer_id, by=self.actor)
        return self.tagged(answer, CuratedAnswerSerializer(answer).data)

    @extend_schema(
        operation_id="curated_answers_update",
        tags=["bots"],
        summary="Change a curated answer",
        description="What is not sent stays; `questions` replaces all of them.",
        request=NewCuratedAnswerSerializer(partial=True),
        responses={
            200: CuratedAnswerSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, NoSuchCuratedAnswerError, CuratedAnswerError),
                    *(CuratedQuestionTakenError, PreconditionFailedError),
                ),
            ),
        },
        examples=[OpenApiExample("Off", request_only=True, value={"is_active": False})],
    )
    def patch(self, request: Request, curated_answer_id: uuid.UUID) -> Response:
        """Change what is sent."""
        answer = selectors.curated_answer_by_id(curated_answer_id, by=self.actor)
        changes = NewCuratedAnswerSerializer(data=request.data, partial=True).values()
        with self.unchanged(answer):
            answer = services.update_curated_answer(by=self.actor, curated_answer=answer, **changes)
        return self.tagged(answer, CuratedAnswerSerializer(answer).data)

    @extend_schema(
        operation_id="curated_answers_delete",
        tags=["bots"],
        summary="Delete a curated answer",
        description="To keep it, set `is_active` to false.",
        responses={
            204: None,
            **problems(errors=(*REFUSALS, NoSuchCuratedAnswerError, PreconditionFailedError)),
        },
    )
    def delete(self, request: Request, curated_answer_id: uuid.UUID) -> Response:
        """Delete an answer with its questions."""
        answer = selectors.curated_answer_by_id(curated_answer_id, by=self.actor)
        with self.unchanged(answer):
            services.delete_curated_answer(by=self.actor, curated_answer=answer)
        return Response(status=status.HTTP_204_NO_CONTENT)
