"""Registers the job queue."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs of all tenants, in the public schema."""

    name = "chatcms.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Make the product's Celery application the current one: hints are sent from every process."""
        from chatcms.celery import app

        app.set_default()
