"""Bots, as those see them who may only chat."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from bots.exceptions import NoSuchBotError
from bots.models import BotQuerySet
from bots.selectors import bot_by_ref, bots_usable
from chat.visitors.api.serializers import BotProfileSerializer
from chatcms.core.api.openapi import problems
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability


class ChatBotListView(ListModelMixin, TenantAPIView):
    """The bots that the caller may talk to."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = BotProfileSerializer

    def get_queryset(self) -> BotQuerySet:
        """Those of the tenant in force that may be talked to."""
        return bots_usable(by=self.actor)

    @extend_schema(summary="List bots to chat with", responses={200: BotProfileSerializer, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """Give a page of bots, newest first."""
        return self.list(request)


class ChatBotDetailView(TenantAPIView):
    """One bot that the caller may talk to."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = BotProfileSerializer

    @extend_schema(
        summary="Show a bot to chat with",
        responses={200: BotProfileSerializer, **problems(401, 403, errors=(NoSuchBotError,))},
    )
    def get(self, request: Request, bot: str) -> Response:
        """Give the bot of that id or slug: how it introduces itself, nothing of how it is made."""
        return Response(BotProfileSerializer(bot_by_ref(bot, by=self.actor)).data)
