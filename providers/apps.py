"""Registers the app that knows with what bots answer."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Model providers of a tenant."""

    name = "providers"
    verbose_name = "Providers"

    def ready(self) -> None:
        """Give each new tenant its providers."""
        from providers.services import prepare_tenant
        from tenants.services.provisioning import on_tenant_created

        on_tenant_created(prepare_tenant)
