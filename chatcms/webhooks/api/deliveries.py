"""What was sent to webhooks, and how each attempt went."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.webhooks import exceptions, selectors, services
from chatcms.webhooks.api.serializers import DeliveryQuery, DeliverySerializer, WholeDeliverySerializer
from chatcms.webhooks.api.webhooks import REFUSALS
from chatcms.webhooks.models import WebhookDelivery
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability


class DeliveriesView(ListModelMixin, TenantAPIView):
    """The log of one webhook."""

    serializer_class = DeliverySerializer
    capabilities = {"GET": Capability.WEBHOOKS_READ}

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        """Those of the webhook in the address that are asked for."""
        asked = serializers.checked_query(DeliveryQuery, self.request)
        webhook = selectors.webhook_by_id(self.kwargs["webhook_id"])
        return selectors.deliveries_of(webhook, state=asked.get("state", ""), event_type=asked.get("type", ""))

    @extend_schema(
        operation_id="webhook_deliveries_list",
        tags=["webhooks"],
        summary="List a webhook's deliveries",
        parameters=[DeliveryQuery],
        responses={
            200: DeliverySerializer(many=True),
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchWebhookError)),
        },
    )
    def get(self, request: Request, webhook_id: uuid.UUID) -> Response:
        """Newest first; they are kept for 30 days."""
        return self.list(request)


class DeliveryView(TenantAPIView):
    """One delivery."""

    serializer_class = WholeDeliverySerializer
    capabilities = {"GET": Capability.WEBHOOKS_READ}

    @extend_schema(
        operation_id="webhook_deliveries_read",
        tags=["webhooks"],
        summary="Show a delivery",
        responses={200: WholeDeliverySerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchDeliveryError))},
    )
    def get(self, request: Request, delivery_id: uuid.UUID) -> Response:
        """Give a delivery with what was sent and every attempt."""
        return Response(WholeDeliverySerializer(selectors.delivery_by_id(delivery_id)).data)


class ReplayView(TenantAPIView):
    """One delivery, once more."""

    serializer_class = DeliverySerializer
    capabilities = {"POST": Capability.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhook_deliveries_replay",
        tags=["webhooks"],
        summary="Send an event again",
        description="Makes a new delivery of the same event, with the same id, to the same webhook.",
        request=None,
        responses={
            202: DeliverySerializer,
            **problems(
                errors=(
                    *(*REFUSALS, exceptions.NoSuchDeliveryError),
                    *(exceptions.WebhookIsOffError, exceptions.DeliveryPendingError),
                )
            ),
        },
    )
    def post(self, request: Request, delivery_id: uuid.UUID) -> Response:
        """Send the event again."""
        delivery = services.replay(by=self.actor, delivery=selectors.delivery_by_id(delivery_id))
        return Response(DeliverySerializer(delivery).data, status=202)
