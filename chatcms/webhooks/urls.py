"""Addresses of webhooks, below /v1/."""

from django.urls import path

from chatcms.webhooks.api import deliveries, webhooks

urlpatterns = [
    path("tenant/webhooks", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("tenant/webhooks/<uuid:webhook_id>", webhooks.WebhookView.as_view(), name="webhook"),
    path("tenant/webhooks/<uuid:webhook_id>/rotate-secret", webhooks.SecretView.as_view(), name="webhook-secret"),
    path("tenant/webhooks/<uuid:webhook_id>/test", webhooks.PingView.as_view(), name="webhook-test"),
    path(
        "tenant/webhooks/<uuid:webhook_id>/deliveries",
        deliveries.DeliveriesView.as_view(),
        name="webhook-deliveries",
    ),
    path("tenant/webhook-deliveries/<uuid:delivery_id>", deliveries.DeliveryView.as_view(), name="webhook-delivery"),
    path("tenant/webhook-deliveries/<uuid:delivery_id>/replay", deliveries.ReplayView.as_view(), name="webhook-replay"),
]
