"""A bot's draft and its versions over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from bots import history, selectors, services
from bots.api.serializers import BotSerializer, SettingsSerializer
from bots.api.version_serializers import (
    DifferenceQuery,
    DraftSerializer,
    NoteSerializer,
    RestoredSerializer,
    SettingDifferencesSerializer,
    VersionSerializer,
    WholeVersionSerializer,
)
from bots.api.views import REFUSALS
from bots.exceptions import (
    BotReferenceGoneError,
    BotSettingsError,
    NoSuchBotError,
    NoSuchVersionError,
    NoteTooLongError,
    NothingToPublishError,
)
from bots.models import Bot, BotVersion
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.api.pagination import Pages
from chatcms.core.exceptions import PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT_DRAFTS = """\
A draft is what is being worked on: it answers in the portal's playground only, until it is published. It holds what
differs from the published settings; a change made to the bot itself (`PATCH /v1/tenant/bots/{bot_id}`) is published
at once, and leaves the draft's own changes waiting.
"""


class _OfBot(TenantAPIView):
    """A view of what belongs to the bot in the address."""

    def bot(self) -> Bot:
        """Return the bot; raise `NoSuchBotError`."""
        return selectors.bot_by_id(self.kwargs["bot_id"], by=self.actor)


class BotDraftView(_OfBot):
    """What is being worked on."""

    serializer_class = DraftSerializer
    capabilities = {
        "GET": Capability.BOTS_READ,
        "PATCH": Capability.BOTS_WRITE,
        "DELETE": Capability.BOTS_WRITE,
    }

    @extend_schema(
        operation_id="bot_drafts_read",
        tags=["bots"],
        summary="Show a bot's draft",
        description=_ABOUT_DRAFTS,
        responses={200: DraftSerializer, **problems(errors=(*REFUSALS, NoSuchBotError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Give the settings as they would be published now."""
        return self._shown(self.bot())

    @extend_schema(
        operation_id="bot_drafts_update",
        tags=["bots"],
        summary="Change a bot's draft",
        description="What is not sent stays. Visitors get it when it is published.",
        request=SettingsSerializer(partial=True),
        responses={
            200: DraftSerializer,
            **problems(400, errors=(*REFUSALS, NoSuchBotError, BotSettingsError, PreconditionFailedError)),
        },
        examples=[OpenApiExample("Cooler", request_only=True, value={"temperature": 0.1})],
    )
    def patch(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Change what is sent."""
        changes = SettingsSerializer(data=request.data, partial=True).values()
        bot = self.bot()
        with self.unchanged(bot):
            bot = services.edit_draft(by=self.actor, bot=bot, **changes)
        return self._shown(bot)

    @extend_schema(
        operation_id="bot_drafts_discard",
        tags=["bots"],
        summary="Discard a bot's draft",
        description="Forgets what is not published. Without a draft nothing changes.",
        responses={204: None, **problems(errors=(*REFUSALS, NoSuchBotError, PreconditionFailedError))},
    )
    def delete(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Forget the changes."""
        bot = self.bot()
        with self.unchanged(bot):
            services.discard_draft(by=self.actor, bot=bot)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _shown(self, bot: Bot) -> Response:
        return self.tagged(bot, DraftSerializer(history.draft_of(bot)).data)


class BotPublishView(_OfBot):
    """A draft, to be published."""

    serializer_class = BotSerializer
    capabilities = {"POST": Capability.BOTS_WRITE}

    @extend_schema(
        operation_id="bots_publish",
        tags=["bots"],
        summary="Publish a bot's draft",
        description="From now on visitors and programs get it; the state is kept as the next version.",
        request=NoteSerializer,
        responses={
            200: BotSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, NoSuchBotError, NothingToPublishError, NoteTooLongError),
                    *(BotSettingsError, BotReferenceGoneError, PreconditionFailedError),
                ),
            ),
        },
        examples=[OpenApiExample("With a note", request_only=True, value={"note": "Shorter answers"})],
    )
    def post(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Publish the draft."""
        asked = NoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        bot = self.bot()
        with self.unchanged(bot):
            bot = services.publish_bot(by=self.actor, bot=bot, **asked.validated_data)
        return self.tagged(bot, BotSerializer(bot).data)


class VersionPages(Pages):
    """The newest version first."""

    ordering = "-number"


class BotVersionsView(ListModelMixin, _OfBot):
    """All that was published of a bot."""

    serializer_class = VersionSerializer
    capabilities = {"GET": Capability.BOTS_READ}
    pagination_class = VersionPages

    def get_queryset(self) -> QuerySet[BotVersion]:
        """Those of the bot in the address."""
        self._found = self.bot()
        return history.versions_of(self._found).defer("settings")

    def get_serializer_context(self) -> dict[str, Any]:
        """Let the serializer know the bot."""
        return {**super().get_serializer_context(), "bot": getattr(self, "_found", None)}

    @extend_schema(
        operation_id="bot_versions_list",
        tags=["bots"],
        summary="List a bot's versions",
        description="The newest 500, newest first.",
        responses={200: VersionSerializer(many=True), **problems(400, errors=(*REFUSALS, NoSuchBotError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Give a page of versions."""
        return self.list(request)


class BotVersionView(_OfBot):
    """One version of a bot."""

    serializer_class = WholeVersionSerializer
    capabilities = {"GET": Capability.BOTS_READ}

    @extend_schema(
        operation_id="bot_versions_read",
        tags=["bots"],
        summary="Show a version of a bot",
        responses={200: WholeVersionSerializer, **problems(errors=(*REFUSALS, NoSuchBotError, NoSuchVersionError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID, number: int) -> Response:
        """Give one version with its settings."""
        bot = self.bot()
        return Response(WholeVersionSerializer(history.version_of(bot, number), context={"bot": bot}).data)


class BotVersionRestoreView(_OfBot):
    """One version of a bot, to be brought back into the draft."""

    serializer_class = RestoredSerializer
    capabilities = {"POST": Capability.BOTS_WRITE}

    @extend_schema(
        operation_id="bot_versions_restore",
        tags=["bots"],
        summary="Restore a version into the draft",
        description="Takes the place of the whole draft; publish it to have it answer.",
        request=None,
        responses={
            200: RestoredSerializer,
            **problems(
                errors=(
                    *(*REFUSALS, NoSuchBotError, NoSuchVersionError),
                    *(BotSettingsError, PreconditionFailedError),
                )
            ),
        },
    )
    def post(self, request: Request, bot_id: uuid.UUID, number: int) -> Response:
        """Make the draft what the version was."""
        bot = self.bot()
        with self.unchanged(bot):
            bot, gone = services.restore_version(by=self.actor, bot=bot, number=number)
        shown = {**DraftSerializer(history.draft_of(bot)).data, "gone": gone}
        return self.tagged(bot, shown)


class BotDifferencesView(_OfBot):
    """Two states of a bot, compared."""

    serializer_class = SettingDifferencesSerializer
    capabilities = {"GET": Capability.BOTS_READ}

    @extend_schema(
        operation_id="bot_versions_compare",
        tags=["bots"],
        summary="Compare two versions of a bot",
        description="Field by field, and long texts and lists line by line.",
        parameters=[DifferenceQuery],
        responses={
            200: SettingDifferencesSerializer,
            **problems(400, errors=(*REFUSALS, NoSuchBotError, NoSuchVersionError)),
        },
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Say what differs."""
        asked = serializers.checked_query(DifferenceQuery, request)
        return Response(SettingDifferencesSerializer({"differences": history.difference(self.bot(), **asked)}).data)
