"""Registers the platform's provider catalogue."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Providers that the platform owns."""

    name = "providers.catalog"
    label = "catalog"
    verbose_name = "Platform providers"
