"""`manage.py bootstrap`: brings the database to where the code is, seeds it, and adds the sample tenant."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatcms.environment import IS_PRODUCTION, VAR_DIR
from chatcms.portal.demo import services as demo
from chatcms.portal.private_hosts import entries_to_move
from providers.catalog.seeding import seed
from tenants.services.migrator import migrate_everything


class Command(BaseCommand):
    """Migrates all schemas, seeds the providers and, outside production, the sample tenant."""

    help = "Migrate all schemas, seed the platform's providers and (outside production) the sample tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file that new sign-ins are written to."""
        parser.add_argument("--credentials", type=Path, default=VAR_DIR / "credentials.txt")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do all three; safe to run at each start."""
        migrate_everything()
        seed()
        for text in entries_to_move():
            self.stdout.write(f"Attention: {text}")
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        if not IS_PRODUCTION:
            if accounts := demo.ensure_sign_ins():
                write_credentials(options["credentials"], accounts)
            demo.ensure_content()


def write_credentials(path: Path, accounts: list[demo.Account]) -> None:
    """Write the sign-ins to a file that only its owner may read."""
    lines = [f"{account.purpose}\n  {account.email}\n  {account.password}\n  {account.path}\n" for account in accounts]
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write("\n".join(lines))
