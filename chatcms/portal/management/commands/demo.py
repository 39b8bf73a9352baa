"""`manage.py demo`: makes the sample tenant and prints its sign-ins once."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from chatcms.config.environment import VAR_DIR
from chatcms.portal.demo import credentials, services


class Command(BaseCommand):
    """Makes the sample tenant, its bot and documents; safe to run again."""

    help = (
        "Make the sample tenant with a bot and documents, and print the sign-ins that are new. What was made once and "
        "then renamed or removed is not made again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer new passwords for a demonstration whose passwords are lost, and a new beginning."""
        parser.add_argument("--reset-passwords", action="store_true", help="give the sign-ins that exist new passwords")
        parser.add_argument("--again", action="store_true", help="make what was removed once more")
        parser.add_argument("--credentials", type=Path, default=VAR_DIR / "credentials.txt")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what was never made and print new sign-ins; a file of sign-ins that is there follows."""
        if options["again"]:
            services.start_over()
        accounts = services.ensure_sign_ins()
        if options["reset_passwords"]:
            accounts = services.reset_passwords()
        if options["credentials"].exists():
            credentials.follow(options["credentials"], accounts)
        for account in accounts:
            self.stdout.write(f"{account.purpose}: {account.email}  {account.password}  {account.path}")
        services.ensure_content()
        if not accounts:
            self.stdout.write(self._nothing_new(reset=options["reset_passwords"]))

    def _nothing_new(self, *, reset: bool) -> str:
        if reset:
            return "Neither of the demonstration's people is here any more. `--again` makes them once more."
        return (
            "The demonstration was made before. `--reset-passwords` makes new passwords; `--again` makes what was "
            "renamed or removed once more."
        )
