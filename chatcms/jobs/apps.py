"""Registers the job queue."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs of all tenants, in the public schema."""

    name = "chatcms.jobs"
    label = "jobs"
    verbose_name = "Jobs"
