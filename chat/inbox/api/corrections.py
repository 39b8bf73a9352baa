"""The right answer in the place of a bad one."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from bots.api.serializers import CuratedAnswerSerializer
from bots.exceptions import CuratedAnswerError, CuratedQuestionTakenError, NoSuchBotError, TooManyCuratedError
from bots.models import MAX_PROMPT
from chat.inbox import selectors
from chat.inbox.exceptions import AnsweredByCuratedError, NoQuestionError, NoSuchMessageError
from chat.inbox.services.corrections import Correction, Into, WantedCorrection, correct_message
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from datasets.api.serializers import PairSerializer
from datasets.exceptions import DocumentQuotaError, PairError, TooManyPairsError
from datasets.services.pairs import MAX_QUESTION
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT = """\
Saves the right answer to what a message asks or answers, for everybody who asks it from now on. With `into=curated`
(as usual) it is given as it is, at once and without a model, to that question and its rewordings; with `into=dataset`
it is added to the questions and answers of one of the bot's datasets, from which the bot answers some seconds later. An
answer that people wrote to the same question before is replaced. The message gets a `corrected_at`.
"""


class WantedSerializer(serializers.Serializer[Any]):
    """The right answer, and where it goes."""

    answer = serializers.CharField(max_length=MAX_PROMPT, help_text="What the answer should have been, in Markdown.")
    question = serializers.CharField(
        max_length=MAX_QUESTION,
        required=False,
        allow_blank=True,
        default="",
        help_text="Put better, if need be; else the message's own.",
    )
    into = serializers.ChoiceField(
        choices=[one.value for one in Into], default=Into.CURATED.value, help_text="Where the correction goes."
    )
    dataset_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="One of the bot's, unless it has only one."
    )

    def wanted(self) -> WantedCorrection:
        """Return what was sent, checked."""
        self.is_valid(raise_exception=True)
        asked: dict[str, Any] = self.validated_data
        return WantedCorrection(asked["question"], asked["answer"], Into(asked["into"]), asked["dataset_id"])


class CorrectionSerializer(serializers.Serializer[Correction]):
    """What was made or changed; the other one is null."""

    curated_answer = CuratedAnswerSerializer(
        allow_null=True, help_text="The curated answer that was made or changed; null when it went into a dataset."
    )
    qa_pair = PairSerializer(
        source="pair",
        allow_null=True,
        help_text="The pair that was made or changed; null when it became a curated answer.",
    )


class CorrectView(TenantAPIView):
    """A better answer than that of one message."""

    capabilities: ClassVar = {"POST": Capability.CONVERSATIONS_WRITE}
    serializer_class = WantedSerializer

    @extend_schema(
        operation_id="messages_correct",
        tags=["inbox"],
        summary="Correct an answer",
        description=_ABOUT,
        request=WantedSerializer,
        responses={
            201: CorrectionSerializer,
            **problems(
                *(400, 401, 403),
                errors=(
                    *(NoSuchMessageError, NoSuchBotError, NoQuestionError, AnsweredByCuratedError, CuratedAnswerError),
                    *(CuratedQuestionTakenError, TooManyCuratedError, PairError, TooManyPairsError, DocumentQuotaError),
                ),
            ),
        },
        examples=[
            OpenApiExample("As a curated answer", request_only=True, value={"answer": "Within 30 days."}),
            OpenApiExample(
                "Into a dataset",
                request_only=True,
                value={
                    "question": "How long may I return a purchase?",
                    "answer": "Within 30 days.",
                    "into": "dataset",
                    "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
                },
            ),
        ],
    )
    def post(self, request: Request, message_id: uuid.UUID) -> Response:
        """Save the right answer to what a message asks or answers."""
        wanted = WantedSerializer(data=request.data).wanted()
        message = selectors.message(by=self.actor, message_id=message_id)
        done = correct_message(by=self.actor, message=message, wanted=wanted)
        return Response(CorrectionSerializer(done).data, status=status.HTTP_201_CREATED)
