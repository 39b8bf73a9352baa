"""Tells Django about the app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Exports of a tenant."""

    name = "chatcms.exports"
    label = "exports"

    def ready(self) -> None:
        """Tell the job queue how an export is made, and that its files go with the tenant."""
        from chat.conversations.services.erasure import on_erased
        from chatcms.exports import making, services
        from chatcms.jobs.registry import Handler, register
        from tenants.services.lifecycle import on_tenant_dropped

        register(services.MAKE, Handler(run=making.make, give_up=making.give_up, revive=making.revive))
        on_tenant_dropped(making.remove_files_of)
        on_erased(services.forget_erased)
