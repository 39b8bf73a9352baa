"""Registers the app that knows with what bots answer."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Model providers of a tenant."""

    name = "providers"
    verbose_name = "Providers"
