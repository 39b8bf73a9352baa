"""What a new bot can begin from, and where a bot has been seen, over HTTP."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from bots import selectors
from bots.api.version_serializers import BotTemplatesSerializer, SightingSerializer
from bots.api.views import REFUSALS
from bots.catalogue import TEMPLATES
from bots.exceptions import NoSuchBotError
from bots.models import BotSighting
from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ORDERINGS = ("-last_seen", "last_seen", "origin", "-origin")


class BotTemplatesView(TenantAPIView):
    """What a new bot can begin from."""

    serializer_class = BotTemplatesSerializer
    capabilities = {"GET": Capability.BOTS_READ}

    @extend_schema(
        operation_id="bot_templates_list",
        tags=["bots"],
        summary="List templates for bots",
        description="To begin from one, send its `settings` with a name to `POST /v1/tenant/bots`.",
        responses={200: BotTemplatesSerializer, **problems(errors=REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """Give all templates."""
        return Response(BotTemplatesSerializer({"results": TEMPLATES}).data)


class BotSightingsView(ListModelMixin, TenantAPIView):
    """The sites that show a bot."""

    serializer_class = SightingSerializer
    capabilities = {"GET": Capability.BOTS_READ}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> QuerySet[BotSighting]:
        """Those of the bot in the address."""
        return selectors.sightings_of(selectors.bot_by_id(self.kwargs["bot_id"], by=self.actor))

    @extend_schema(
        operation_id="bot_sightings_list",
        tags=["bots"],
        summary="List the sites that show a bot",
        description="Origins whose pages asked for a visitor token: the 100 seen last, to the minute.",
        parameters=[ordering_parameter(_ORDERINGS)],
        responses={200: SightingSerializer(many=True), **problems(400, errors=(*REFUSALS, NoSuchBotError))},
    )
    def get(self, request: Request, bot_id: uuid.UUID) -> Response:
        """Give a page of sites."""
        return self.list(request)
