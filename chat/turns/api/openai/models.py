"""`GET /v1/models`, as OpenAI's clients call it: the bots are the models."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bots.models import Bot
from bots.selectors import bot_by_ref, bots_usable
from chat.turns.api.openai.base import OpenAIErrors
from chat.turns.api.openai.errors import described
from chatcms.core.api import serializers
from tenants.permissions import Capability

MOST_MODELS = 1000


class ModelSerializer(serializers.Serializer[Any]):
    """A bot as OpenAI shows a model."""

    id = serializers.CharField(help_text="The bot's slug: what to send as `model`.")
    object = serializers.CharField(default="model", help_text="Always `model`.")
    created = serializers.IntegerField(help_text="When the bot was made, in seconds since 1970.")
    owned_by = serializers.CharField(help_text="The tenant's slug.")


class ModelListSerializer(serializers.Serializer[Any]):
    """All of them."""

    object = serializers.CharField(default="list", help_text="Always `list`.")
    data = ModelSerializer(many=True, help_text="The bots, the newest first.")  # type: ignore[assignment]  # a field


class ModelView(OpenAIErrors):
    """What the views of models share."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    pagination_class = None

    def shown(self, bot: Bot) -> dict[str, Any]:
        """Return a bot as OpenAI shows a model."""
        return {
            "id": bot.slug,
            "object": "model",
            "created": int(bot.created_at.timestamp()),
            "owned_by": self.tenant.slug,
        }


class ModelListView(ModelView):
    """The bots that the caller may talk to."""

    serializer_class = ModelListSerializer

    @extend_schema(
        operation_id="models_list",
        tags=["openai"],
        summary="List bots as models (OpenAI-compatible)",
        responses={200: ModelListSerializer, **described(401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Give all bots, newest first; the protocol knows no pages here."""
        bots = bots_usable(by=self.actor)[:MOST_MODELS]
        return Response({"object": "list", "data": [self.shown(bot) for bot in bots]})


class ModelDetailView(ModelView):
    """One bot that the caller may talk to."""

    serializer_class = ModelSerializer

    @extend_schema(
        operation_id="models_read",
        tags=["openai"],
        summary="Show a bot as a model (OpenAI-compatible)",
        responses={200: ModelSerializer, **described(401, 403, 404)},
    )
    def get(self, request: Request, model: str) -> Response:
        """Give the bot of that slug or id."""
        return Response(self.shown(bot_by_ref(model, by=self.actor)))
