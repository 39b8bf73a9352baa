"""Registers the app that knows what answers."""

from django.apps import AppConfig


class BotsConfig(AppConfig):
    """Bots of a tenant."""

    name = "bots"
    verbose_name = "Bots"

    def ready(self) -> None:
        """Let providers know which bots use them."""
        from bots.selectors import bots_using
        from providers import usages

        usages.register(bots_using)
