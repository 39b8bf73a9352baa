"""The tenant's bots over HTTP."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from bots import selectors, services
from bots.api.serializers import BotQuery, BotSerializer, DuplicateSerializer
from bots.exceptions import BotReferenceGoneError, BotSettingsError, NoSuchBotError, TooManyBotsError
from bots.models import BotQuerySet
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.exceptions import PermissionDeniedError, PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

REFUSALS = (CredentialError, PermissionDeniedError)
_ORDERINGS = ("-id", "id", "name", "-name", "-updated_at", "updated_at")


class BotsView(ListModelMixin, TenantAPIView):
    """All bots of the tenant, and new ones."""

    serializer_class = BotSerializer
    capabilities = {"GET": Capability.BOTS_READ, "POST": Capability.BOTS_WRITE}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> BotQuerySet:
        """Those that are asked for."""
        return selectors.bots_found(by=self.actor, **serializers.checked_query(BotQuery, self.request))

    @extend_schema(
        operation_id="bots_list",
        tags=["bots"],
        summary="List bots",
        description="Those in use, newest first, unless asked otherwise.",
        parameters=[BotQuery, ordering_parameter(_ORDERINGS)],
        responses={200: BotSerializer(many=True), **problems(400, errors=REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of bots."""
        return self.list(request)

    @extend_schema(
        operation_id="bots_create",
        tags=["bots"],
        summary="Make a bot",
        description=(
            "Only the name is needed. The slug, by which a bot can be asked too, comes from the name. "
            "It answers at once, as its version 1."
        ),
        request=BotSerializer,
        responses={
            201: BotSerializer,
            **problems(400, errors=(*REFUSALS, TooManyBotsError, BotReferenceGoneError, BotSettingsError)),
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
                    "fallbacks": [{"provider_id": None, "model": "gpt-4.1-mini"}],
                    "allowed_origins": ["https://shop.example", "https://*.shop.example"],
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a bot."""
        bot = services.create_bot(by=self.actor, **BotSerializer(data=request.data).values())
        return self.tagged(bot, BotSerializer(bot).data, status=status.HTTP_201_CREATED)


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
        responses={200: BotSerializer, **problems(errors=(*REFUSALS, NoSuchBotError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Give one bot with all its settings."""
        bot = selectors.bot_by_id(bot_id, by=self.actor)
        return self.tagged(bot, BotSerializer(bot).data)

    @extend_schema(
        operation_id="bots_update",
        tags=["bots"],
        summary="Change a bot",
        description=(
            "What is not sent stays. The slug stays too when the name changes. Visitors get the change at once, and "
            "what comes in versions is kept as the next one; to prepare a change, send it to the draft instead."
        ),
        request=BotSerializer(partial=True),
        responses={
            200: BotSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, NoSuchBotError, BotReferenceGoneError),
                    *(BotSettingsError, PreconditionFailedError),
                ),
            ),
        },
        examples=[OpenApiExample("Cooler", request_only=True, value={"temperature": 0.1})],
    )
    def patch(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Change what is sent."""
        changes = BotSerializer(data=request.data, partial=True).values()
        bot = selectors.bot_by_id(bot_id, by=self.actor)
        with self.unchanged(bot):
            bot = services.update_bot(by=self.actor, bot=bot, **changes)
        return self.tagged(bot, BotSerializer(bot).data)

    @extend_schema(
        operation_id="bots_delete",
        tags=["bots"],
        summary="Delete a bot",
        description="Its conversations go with it, its datasets stay. To keep them, archive it.",
        responses={204: None, **problems(errors=(*REFUSALS, NoSuchBotError, PreconditionFailedError))},
    )
    def delete(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Delete a bot and its conversations."""
        bot = selectors.bot_by_id(bot_id, by=self.actor)
        with self.unchanged(bot):
            services.delete_bot(by=self.actor, bot=bot)
        return Response(status=status.HTTP_204_NO_CONTENT)


class BotDuplicateView(TenantAPIView):
    """A copy of one bot."""

    serializer_class = BotSerializer
    capabilities = {"POST": Capability.BOTS_WRITE}

    @extend_schema(
        operation_id="bots_duplicate",
        tags=["bots"],
        summary="Duplicate a bot",
        description="The copy has its settings, datasets and curated answers, a slug of its own, and no conversations.",
        request=DuplicateSerializer,
        responses={
            201: BotSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, NoSuchBotError, TooManyBotsError),
                    *(BotReferenceGoneError, BotSettingsError),
                ),
            ),
        },
        examples=[OpenApiExample("For another shop", request_only=True, value={"name": "Help desk, Canada"})],
    )
    def post(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Make a bot like this one."""
        source = selectors.bot_by_id(bot_id, by=self.actor)
        asked = DuplicateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        bot = services.duplicate_bot(by=self.actor, bot=source, **asked.validated_data)
        return self.tagged(bot, BotSerializer(bot).data, status=status.HTTP_201_CREATED)


class BotArchiveView(TenantAPIView):
    """One bot, to be put away."""

    serializer_class = BotSerializer
    capabilities = {"POST": Capability.BOTS_WRITE}

    @extend_schema(
        operation_id="bots_archive",
        tags=["bots"],
        summary="Archive a bot",
        description=(
            "Nobody can talk to it any more and the plan does not count it; its settings and conversations stay. "
            "Archiving it again changes nothing."
        ),
        request=None,
        responses={200: BotSerializer, **problems(errors=(*REFUSALS, NoSuchBotError))},
    )
    def post(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Put the bot away."""
        bot = services.archive_bot(by=self.actor, bot=selectors.bot_by_id(bot_id, by=self.actor))
        return self.tagged(bot, BotSerializer(bot).data)


class BotRestoreView(TenantAPIView):
    """One bot, to be taken out again."""

    serializer_class = BotSerializer
    capabilities = {"POST": Capability.BOTS_WRITE}

    @extend_schema(
        operation_id="bots_restore",
        tags=["bots"],
        summary="Restore a bot",
        description="Takes it out of the archive as it was. One that is not archived stays as it is.",
        request=None,
        responses={200: BotSerializer, **problems(errors=(*REFUSALS, NoSuchBotError, TooManyBotsError))},
    )
    def post(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Take the bot out of the archive."""
        bot = services.restore_bot(by=self.actor, bot=selectors.bot_by_id(bot_id, by=self.actor))
        return self.tagged(bot, BotSerializer(bot).data)
