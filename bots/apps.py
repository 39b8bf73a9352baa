"""Registers the app that knows what answers."""

from django.apps import AppConfig


class BotsConfig(AppConfig):
    """Bots of a tenant."""

    name = "bots"
    verbose_name = "Bots"

    def ready(self) -> None:
        """Let others know what they cannot ask of an app above them: which bots there are, use what, and show where."""
        from bots.selectors import bots_following_default, bots_using, existing_bots, is_shown_on, places_taken
        from providers import usages
        from tenants import quotas
        from tenants.enums import Limit
        from tenants.services import key_limits, visitor_tokens

        quotas.register("bots", places_taken)
        usages.register(bots_using)
        usages.register_followers(bots_following_default)
        visitor_tokens.ask_where_shown(is_shown_on)
        key_limits.register(Limit.BOTS, existing_bots)
