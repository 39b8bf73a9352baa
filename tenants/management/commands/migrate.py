"""`manage.py migrate`: brings public and every tenant's schema to where the code is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate

from tenants.context import public_scope
from tenants.management.outcomes import finish, line
from tenants.services.migrator import migrate_everything
from tenants.services.schema_changes import labels_of

_DJANGO_ONLY = ("plan", "check_unapplied", "fake", "fake_initial", "prune")


class Command(DjangoMigrate):
    """Without an app: everything. With a shared app: Django's own command on public."""

    help = "Migrate public and every tenant's schema. With the label of a shared app: that app in public only."

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; refuse what would put a tenant's tables into public."""
        label = options["app_label"]
        if label in labels_of(settings.TENANT_APPS):
            raise CommandError(f"`{label}` is in each tenant's schema: use `manage.py migrate_tenants`.")
        special = any(options.get(name) for name in ("plan", "check_unapplied", "fake", "fake_initial", "prune"))
        if label or special:
            with public_scope():
                super().handle(*args, **options)
            return
        verbose = options["verbosity"] > 0
        finish(migrate_everything(tell=lambda outcome: self.stdout.write(line(outcome)) if verbose else None))
