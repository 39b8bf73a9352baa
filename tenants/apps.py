"""Registers the app that knows who is who."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Tenants and identity."""

    name = "tenants"
    verbose_name = "Tenants and people"
