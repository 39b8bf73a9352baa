"""Removes stored files that belong to no document, tenant by tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from datasets.services.sweeping import OLDEST, sweep_everywhere
from tenants.management.outcomes import finish_round


class Command(BaseCommand):
    """The command line's way to the sweep; a beat does the same every day."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the operator say how old a file must be."""
        hours = OLDEST.total_seconds() / 3600
        parser.add_argument("--hours", type=float, default=hours, help="spare files younger than this (24)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and tell how much there was; fail when a tenant could not be swept."""
        removed, swept = sweep_everywhere(older_than=timedelta(hours=options["hours"]))
        self.stdout.write(f"Removed {removed} file(s) that belonged to no document.")
        finish_round(swept)
