"""Registers the job queue."""

from django.apps import AppConfig

SEND_MAIL = "mail.send"


class JobsConfig(AppConfig):
    """Jobs of all tenants, in the public schema."""

    name = "chatcms.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Have mails sent by jobs."""
        from chatcms.jobs import registry, services
        from chatcms.jobs.enums import Queue
        from tenants.services import mail, outbox

        send = registry.Handler(
            run=outbox.deliver,
            give_up=outbox.give_up,
            revive=outbox.revive,
            pauses=outbox.PAUSES,
            queue=Queue.SHORT,
            time_limit=120,
        )
        registry.register(SEND_MAIL, send)
        mail.queue_with(lambda mail_id: services.enqueue(kind=SEND_MAIL, target_id=mail_id, tenant_id=None))
