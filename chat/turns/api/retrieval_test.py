"""Tries a question on a bot's datasets: what the bot would be given to answer from."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bots.exceptions import NoSuchBotError
from chat.turns.selectors import searched_by_bot
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from datasets.api import searching
from datasets.services import try_question
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability


class BotSearchSerializer(searching.SearchSerializer):
    """A question to try on a bot's datasets."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=100,
        required=False,
        allow_null=True,
        default=None,
        help_text="How many passages to show at most; left out or null: as many as the bot is given (`passages`).",
    )


class BotSearchView(TenantAPIView):
    """A retrieval test, by the very function that the bot answers with."""

    capabilities = {"POST": Capability.DATASETS_READ}
    idempotent = False

    @extend_schema(
        operation_id="bots_search",
        tags=["bots"],
        summary="Try what a bot finds",
        description=(
            "Searches all datasets of the bot for the question as a turn of the chat does, without asking a model, "
            "and shows scores, the decision whether to answer, and timings. A caller who may use some datasets only "
            "sees what those give."
        ),
        request=BotSearchSerializer,
        responses={
            200: searching.SearchResultSerializer,
            **problems(400, 429, errors=(CredentialError, PermissionDeniedError, NoSuchBotError)),
        },
        examples=[searching.QUESTION_EXAMPLE, searching.RESULT_EXAMPLE],
    )
    def post(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Search the bot's datasets."""
        asked = BotSearchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        dataset_ids, passages = searched_by_bot(bot_id, by=self.actor)
        trial = try_question(
            dataset_ids=dataset_ids,
            question=asked.validated_data["query"],
            limit=asked.validated_data["limit"] or passages,
        )
        return Response(searching.SearchResultSerializer(trial).data)
