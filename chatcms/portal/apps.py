"""Registers the portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages for a tenant's people; no tables."""

    name = "chatcms.portal"
    label = "portal"
    verbose_name = "Portal"
