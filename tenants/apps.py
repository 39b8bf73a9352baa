"""Registers the app that knows who is who."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Tenants and identity."""

    name = "tenants"
    verbose_name = "Tenants and people"

    def ready(self) -> None:
        """Name the secrets that are kept encrypted, and what counts as a member against the plan."""
        from tenants import quotas
        from tenants.models import Mail, SecondFactor, TenantSettings
        from tenants.selectors import within
        from tenants.services import mail, rotation, settings
        from tenants.services.factors import totp

        quotas.register("members", within.places_taken)

        rotation.register(
            rotation.SealedField(
                model=TenantSettings,
                name="identity_secret",
                purpose=settings.SECRET_PURPOSE,
                context_of=lambda row: str(row.tenant_id),
                in_each_tenant=False,
            )
        )
        rotation.register(
            rotation.SealedField(
                model=Mail,
                name="sealed",
                purpose=mail.PURPOSE,
                context_of=lambda row: str(row.pk),
                in_each_tenant=False,
            )
        )
        rotation.register(
            rotation.SealedField(
                model=SecondFactor,
                name="secret",
                purpose=totp.SECRET_PURPOSE,
                context_of=totp.context_of,
                in_each_tenant=False,
            )
        )
