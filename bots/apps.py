"""Registers the app that knows what answers."""

from django.apps import AppConfig


class BotsConfig(AppConfig):
    """Bots of a tenant."""

    name = "bots"
    verbose_name = "Bots"

    def ready(self) -> None:
        """Let providers know which bots use them, and visitors' tokens which pages may show a bot."""
        from bots.selectors import bots_using, is_shown_on
        from providers import usages
        from tenants.services import visitor_tokens

        usages.register(bots_using)
        visitor_tokens.ask_where_shown(is_shown_on)
