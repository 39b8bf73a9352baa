"""Registers the app that knows with what bots answer."""

from celery.signals import worker_init
from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Model providers of a tenant."""

    name = "providers"
    verbose_name = "Providers"

    def ready(self) -> None:
        """Give each new tenant its providers, name the keys kept encrypted, and have workers share the model."""
        from providers import crypto, keys
        from providers.catalog.models import GlobalAIProvider
        from providers.models import TenantAIProvider
        from providers.services import prepare_tenant
        from tenants.context import current_tenant_id
        from tenants.services import rotation
        from tenants.services.provisioning import on_tenant_created

        on_tenant_created(prepare_tenant)
        worker_init.connect(_share_the_model)
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


def _share_the_model(**_: object) -> None:
    # Only a worker's parent loads it here; every other process would pay for the import.
    from providers.services.warming import share_built_in_models

    share_built_in_models()
