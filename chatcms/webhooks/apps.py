"""Tells Django about the app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks of a tenant."""

    name = "chatcms.webhooks"
    label = "webhooks"
