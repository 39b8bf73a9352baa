"""A tenant's webhooks over HTTP."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.webhooks import exceptions, selectors, services
from chatcms.webhooks.api.serializers import (
    CreatedWebhookSerializer,
    DeliverySerializer,
    NewWebhookSerializer,
    SecretSerializer,
    WebhookSerializer,
)
from chatcms.webhooks.models import Webhook
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

REFUSALS = (CredentialError, PermissionDeniedError)
_SENT = """\
Each event is a POST of JSON (`id`, `type`, `created_at`, `tenant`, `data`) with the headers `webhook-id`,
`webhook-timestamp` and `webhook-signature`, by the Standard Webhooks specification: `v1,` and the base64 of
HMAC-SHA256 over `<id>.<timestamp>.<body>`, with the secret's bytes (after `whsec_`, in base64) as the key. Any 2xx
takes it; else it is sent again after 10 s, 1, 5 and 30 minutes, 2, 6 and 12 hours. An event may come twice: tell by
its id. 410 switches the webhook off, and so does taking nothing for all of that time.

What is told, each once:

- `conversation.finished`: it was ended, or nobody went on with it for 30 minutes; again when it is gone on with and
  ends again.
- `feedback.given`: a reader rated an answer or changed the rating, with the comment.
- `document.ready`: a document can be answered from. One from the web that had not changed keeps its `version`.
- `document.failed`: a document could not be read, with the reason; above version 0 its earlier content goes on
  answering.
- `quota.reached`: the last place of the plan's `messages`, `bots`, `datasets` or `documents` was taken (`used`,
  `limit`), 95 % of its `storage_bytes` are used, or an answer was refused for lack of money (`quota` is `budget` or
  `plan`, with `amount`).

No event holds text of messages or documents, a comment of a reader excepted.
"""
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4c0",
    "url": "https://example.com/hooks/chat",
    "description": "To the help desk",
    "events": ["feedback.given", "document.failed"],
    "is_active": True,
    "secret_last_four": "9fk=",
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
}


class WebhooksView(ListModelMixin, TenantAPIView):
    """All webhooks of the tenant, and new ones."""

    serializer_class = WebhookSerializer
    capabilities = {"GET": Capability.WEBHOOKS_READ, "POST": Capability.WEBHOOKS_WRITE}

    def get_queryset(self) -> QuerySet[Webhook]:
        """Those of the tenant in force."""
        return Webhook.objects.all()

    @extend_schema(
        operation_id="webhooks_list",
        tags=["webhooks"],
        summary="List webhooks",
        responses={200: WebhookSerializer(many=True), **problems(errors=REFUSALS)},
        examples=[OpenApiExample("A webhook", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="webhooks_create",
        tags=["webhooks"],
        summary="Make a webhook",
        description="The answer shows the secret that signs what is sent, this once.\n\n" + _SENT,
        request=NewWebhookSerializer,
        responses={
            201: CreatedWebhookSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.TooManyWebhooksError, exceptions.WebhookAddressError)),
        },
        examples=[
            OpenApiExample(
                "Two events",
                request_only=True,
                value={"url": "https://example.com/hooks/chat", "events": ["feedback.given", "document.failed"]},
            ),
            OpenApiExample(
                "The new webhook",
                response_only=True,
                status_codes=[201],
                value={**_EXAMPLE, "secret": "whsec_Zm9yIHRoaXMgZXhhbXBsZSBvbmx5Li4uLi4uLi4uLi4="},
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a webhook."""
        asked = NewWebhookSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        webhook, secret = services.create_webhook(by=self.actor, **asked.validated_data)
        shown = {**WebhookSerializer(webhook).data, "secret": secret}
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class WebhookView(TenantAPIView):
    """One webhook of the tenant."""

    serializer_class = WebhookSerializer
    capabilities = {
        "GET": Capability.WEBHOOKS_READ,
        "PATCH": Capability.WEBHOOKS_WRITE,
        "DELETE": Capability.WEBHOOKS_WRITE,
    }

    @extend_schema(
        operation_id="webhooks_read",
        tags=["webhooks"],
        summary="Show a webhook",
        responses={200: WebhookSerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchWebhookError))},
        examples=[OpenApiExample("A webhook", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, webhook_id: uuid.UUID) -> Response:
        """Give one webhook."""
        webhook = selectors.webhook_by_id(webhook_id)
        return self.tagged(webhook, WebhookSerializer(webhook).data)

    @extend_schema(
        operation_id="webhooks_update",
        tags=["webhooks"],
        summary="Change a webhook",
        description="What is not sent stays. Switch one on again that was switched off with `is_active`.",
        request=WebhookSerializer(partial=True),
        responses={
            200: WebhookSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchWebhookError, exceptions.WebhookAddressError)),
        },
        examples=[OpenApiExample("Off", request_only=True, value={"is_active": False})],
    )
    def patch(self, request: Request, webhook_id: uuid.UUID) -> Response:
        """Change what is sent."""
        asked = WebhookSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        webhook = selectors.webhook_by_id(webhook_id)
        with self.unchanged(webhook):
            webhook = services.update_webhook(by=self.actor, webhook=webhook, **asked.validated_data)
        return self.tagged(webhook, WebhookSerializer(webhook).data)

    @extend_schema(
        operation_id="webhooks_delete",
        tags=["webhooks"],
        summary="Delete a webhook",
        description="The log of its deliveries goes with it; what was still to be sent is not sent.",
        responses={204: None, **problems(errors=(*REFUSALS, exceptions.NoSuchWebhookError))},
    )
    def delete(self, request: Request, webhook_id: uuid.UUID) -> Response:
        """Delete the webhook."""
        webhook = selectors.webhook_by_id(webhook_id)
        with self.unchanged(webhook):
            services.delete_webhook(by=self.actor, webhook=webhook)
        return Response(status=204)


class SecretView(TenantAPIView):
    """The secret of one webhook."""

    serializer_class = SecretSerializer
    capabilities = {"POST": Capability.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_rotate_secret",
        tags=["webhooks"],
        summary="Give a webhook a new secret",
        description="It signs from the next attempt on; the old one is good for nothing any more.",
        request=None,
        responses={200: SecretSerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchWebhookError))},
    )
    def post(self, request: Request, webhook_id: uuid.UUID) -> Response:
        """Make a new secret."""
        secret = services.rotate_secret(by=self.actor, webhook=selectors.webhook_by_id(webhook_id))
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})


class PingView(TenantAPIView):
    """A test of one webhook."""

    serializer_class = DeliverySerializer
    capabilities = {"POST": Capability.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_test",
        tags=["webhooks"],
        summary="Send a test event",
        description="Sends a `ping` the way every event is sent; the delivery shows how it went.",
        request=None,
        responses={
            202: DeliverySerializer,
            **problems(errors=(*REFUSALS, exceptions.NoSuchWebhookError, exceptions.WebhookIsOffError)),
        },
    )
    def post(self, request: Request, webhook_id: uuid.UUID) -> Response:
        """Send a test event."""
        delivery = services.send_ping(by=self.actor, webhook=selectors.webhook_by_id(webhook_id))
        return Response(DeliverySerializer(delivery).data, status=202)
