"""`manage.py condition`: says how everything stands, and fails when something is broken."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatcms.portal import condition


class Command(BaseCommand):
    """Prints a line for each thing that is looked at."""

    help = "Say how database, queue, providers, tenants and backups stand; exit non-zero when something is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, print, judge."""
        found = condition.findings()
        for each in found:
            self.stdout.write(f"{each.level:<9}  {each.label:<15}  {each.text}")
        if condition.worst(found) == condition.Level.WRONG:
            raise CommandError("Something is broken.")
