"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import path

from chatcms.webhooks.views import webhooks

app_name = "webhooks"

urlpatterns = [
    path("settings/webhooks/", webhooks.webhooks, name="list"),
    path("settings/webhooks/new/", webhooks.create, name="create"),
    path("settings/webhooks/<uuid:webhook_id>/", webhooks.edit, name="edit"),
    path("settings/webhooks/<uuid:webhook_id>/secret/", webhooks.rotate, name="rotate"),
    path("settings/webhooks/<uuid:webhook_id>/ping/", webhooks.ping, name="ping"),
    path("settings/webhooks/<uuid:webhook_id>/delete/", webhooks.delete, name="delete"),
    path("settings/webhook-deliveries/<uuid:delivery_id>/", webhooks.delivery, name="delivery"),
    path("settings/webhook-deliveries/<uuid:delivery_id>/replay/", webhooks.replay, name="replay"),
]
