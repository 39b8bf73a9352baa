"""The tenant's bots over HTTP."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from bots import selectors, services
from bots.api.serializers import BotSerializer
from bots.exceptions import BotReferenceGoneError, BotSettingsError, NoSuchBotError, TooManyBotsError
from bots.models import BotQuerySet
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.openapi import problems
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

_REFUSALS = (CredentialError, PermissionDeniedError)


class BotsView(ListModelMixin, TenantAPIView):
    """All bots of the tenant, and new ones."""

    serializer_class = BotSerializer
    capabilities = {"GET": Capability.BOTS_READ, "POST": Capability.BOTS_WRITE}

    def get_queryset(self) -> BotQuerySet:
        """Those of the tenant in force."""
        return selectors.all_bots()

    @extend_schema(
        operation_id="bots_list",
        tags=["bots"],
        summary="List bots",
        responses={200: BotSerializer(many=True), **problems(errors=_REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of bots, newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="bots_create",
        tags=["bots"],
        summary="Make a bot",
        description="Only the name is needed. The slug, by which a bot can be asked too, comes from the name.",
        request=BotSerializer,
        responses={
            201: BotSerializer,
            **problems(400, errors=(*_REFUSALS, TooManyBotsError, BotReferenceGoneError, BotSettingsError)),
        },
        examples=[
            OpenApiExample("The least", request_only=True, value={"name": "Help desk"}),
            OpenApiExample(
                "With its documents",
                request_only=True,
                value={
                    "name": "Help desk",
                    "system_prompt": "You are the help desk of Acme. Be brief.",
                    "model": "gpt-4o-mini",
                    "temperature": 0.2,
                    "dataset_ids": ["01938d5e-8a10-7bb1-b1f3-52a8c80ff3d7"],
                    "no_evidence": "ask_back",
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a bot."""
        bot = services.create_bot(by=self.actor, **BotSerializer(data=request.data).values())
        return Response(BotSerializer(bot).data, status=status.HTTP_201_CREATED)


class BotView(TenantAPIView):
    """One bot of the tenant."""

    serializer_class = BotSerializer
    capabilities = {
        "GET": Capability.BOTS_READ,
        "PATCH": Capability.BOTS_WRITE,
        "DELETE": Capability.BOTS_WRITE,
    }

    @extend_schema(
        operation_id="bots_read",
        tags=["bots"],
        summary="Show a bot",
        responses={200: BotSerializer, **problems(errors=(*_REFUSALS, NoSuchBotError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Give one bot with all its settings."""
        return Response(BotSerializer(selectors.bot_by_id(bot_id)).data)

    @extend_schema(
        operation_id="bots_update",
        tags=["bots"],
        summary="Change a bot",
        description="What is not sent stays. The slug stays too when the name changes.",
        request=BotSerializer(partial=True),
        responses={
            200: BotSerializer,
            **problems(400, errors=(*_REFUSALS, NoSuchBotError, BotReferenceGoneError, BotSettingsError)),
        },
        examples=[OpenApiExample("Cooler", request_only=True, value={"temperature": 0.1})],
    )
    def patch(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Change what is sent."""
        changes = BotSerializer(data=request.data, partial=True).values()
        bot = services.update_bot(by=self.actor, bot=selectors.bot_by_id(bot_id), **changes)
        return Response(BotSerializer(bot).data)

    @extend_schema(
        operation_id="bots_delete",
        tags=["bots"],
        summary="Delete a bot",
        description="Its conversations go with it, its datasets stay. To keep them, set `is_active` to false.",
        responses={204: None, **problems(errors=(*_REFUSALS, NoSuchBotError))},
    )
    def delete(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Delete a bot and its conversations."""
        services.delete_bot(by=self.actor, bot=selectors.bot_by_id(bot_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
