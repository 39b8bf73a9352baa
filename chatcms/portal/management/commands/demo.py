"""`manage.py demo`: makes the sample tenant and prints its sign-ins once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chatcms.portal.demo import services


class Command(BaseCommand):
    """Makes the sample tenant, its bot and documents; safe to run again."""

    help = "Make the sample tenant with a bot and documents, and print the sign-ins that are new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer new passwords for a demonstration whose passwords are lost."""
        parser.add_argument("--reset-passwords", action="store_true", help="give both sign-ins new passwords")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing and print new sign-ins."""
        accounts = services.ensure_sign_ins()
        if options["reset_passwords"]:
            accounts = services.reset_passwords()
        for account in accounts:
            self.stdout.write(f"{account.purpose}: {account.email}  {account.password}  {account.path}")
        services.ensure_content()
        if not accounts:
            self.stdout.write("The sample tenant is there already. `--reset-passwords` makes new passwords.")
