"""Registers the app that knows with what bots answer."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Model providers of a tenant."""

    name = "providers"
    verbose_name = "Providers"

    def ready(self) -> None:
        """Give each new tenant its providers, and name the keys that are kept encrypted."""
        from providers import crypto, keys
        from providers.catalog.models import GlobalAIProvider
        from providers.models import TenantAIProvider
        from providers.services import prepare_tenant
        from tenants.context import current_tenant_id
        from tenants.services import rotation
        from tenants.services.provisioning import on_tenant_created

        on_tenant_created(prepare_tenant)
        rotation.register(
            rotation.SealedField(
                model=GlobalAIProvider,
                name="encrypted_key",
                purpose=crypto.PURPOSE,
                context_of=lambda row: keys.platform_context(row.pk),
                in_each_tenant=False,
            )
        )
        rotation.register(
            rotation.SealedField(
                model=TenantAIProvider,
                name="encrypted_key",
                purpose=crypto.PURPOSE,
                context_of=lambda row: keys.tenant_context(current_tenant_id(), row.pk),
                in_each_tenant=True,
            )
        )
