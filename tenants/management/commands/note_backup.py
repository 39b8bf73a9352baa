"""`manage.py note_backup`: puts on record that a backup was restored and found whole."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.services import backups
from tenants.types import SYSTEM


class Command(BaseCommand):
    """Run it after a restore was tried out; the admin's start page shows how long ago that was."""

    help = "Put on record that a backup was restored somewhere and found whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a note."""
        parser.add_argument("--note", default="", help="which one, and how it was tried")

    def handle(self, *args: Any, **options: Any) -> None:
        """Note it."""
        backups.note_verified(by=SYSTEM, note=options["note"])
        self.stdout.write("Noted.")
