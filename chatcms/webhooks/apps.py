"""Tells Django about the app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks of a tenant."""

    name = "chatcms.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Name the secrets that are kept encrypted."""
        from chatcms.webhooks.models import Webhook
        from tenants.context import current_tenant_id
        from tenants.services import rotation

        rotation.register(
            rotation.SealedField(
                model=Webhook,
                name="secret",
                purpose="webhook secret",
                context_of=lambda row: f"{current_tenant_id()}/{row.pk}",
                in_each_tenant=True,
            )
        )
