"""Registers the app that knows what answers."""

from django.apps import AppConfig


class BotsConfig(AppConfig):
    """Bots of a tenant."""

    name = "bots"
    verbose_name = "Bots"
