"""Tells Django about the app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks of a tenant."""

    name = "chatcms.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Tell the job queue how an event is delivered, and name the secrets that are kept encrypted."""
        from chatcms.jobs.enums import Queue
        from chatcms.jobs.registry import Handler, register
        from chatcms.webhooks.models import Webhook
        from chatcms.webhooks.services import emitting, managing, sending
        from tenants.services import rotation

        deliver = Handler(
            run=sending.deliver,
            give_up=sending.give_up,
            revive=sending.revive,
            pauses=sending.PAUSES,
            queue=Queue.SHORT,
            time_limit=120,
        )
        register(emitting.DELIVER, deliver)
        rotation.register(
            rotation.SealedField(
                model=Webhook,
                name="secret",
                purpose=managing.PURPOSE,
                context_of=managing.context_of,
                in_each_tenant=True,
            )
        )
