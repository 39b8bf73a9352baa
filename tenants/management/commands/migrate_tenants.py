"""`manage.py migrate_tenants`: brings tenants' schemas up to date and says where each one is."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.management.outcomes import finish, line
from tenants.models import Tenant
from tenants.services import migrator


class Command(BaseCommand):
    """Migrates public and all tenants, or only those named; goes on after a failure."""

    help = "Migrate public and every tenant's schema. A broken tenant does not stop the others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the tenants, or ask for the state of all."""
        parser.add_argument("slugs", nargs="*", help="only these tenants (public is left alone)")
        parser.add_argument("--status", action="store_true", help="change nothing, show where each schema is")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate or show."""
        if options["status"]:
            self._show()
        elif options["slugs"]:
            finish(migrator.migrate_tenants(self._named(options["slugs"]), tell=self._tell))
        else:
            finish(migrator.migrate_everything(tell=self._tell))

    def _tell(self, outcome: migrator.Outcome) -> None:
        self.stdout.write(line(outcome))

    def _named(self, slugs: list[str]) -> list[Tenant]:
        tenants = list(Tenant.objects.with_schema().filter(slug__in=slugs))
        if unknown := set(slugs) - {tenant.slug for tenant in tenants}:
            raise CommandError(f"No tenant with a schema has the slug {', '.join(sorted(unknown))}.")
        return tenants

    def _show(self) -> None:
        states = migrator.schema_states()
        for state in states:
            place = "MISSING" if state.pending is None else f"{state.pending} behind" if state.pending else "up to date"
            error = f"  last error: {state.error}" if state.error else ""
            self.stdout.write(f"{state.tenant.slug:40} {state.tenant.status:10} {place:12}{error}")
        if not all(state.pending == 0 for state in states):
            raise CommandError("Some tenants are not up to date. Run `manage.py migrate_tenants`.")
