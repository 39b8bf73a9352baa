"""`manage.py create_admin_user`: makes a member of the platform's staff."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.exceptions import EmailTakenError
from tenants.management.prompts import checked_email, checked_password
from tenants.models import User
from tenants.services import staff
from tenants.types import SYSTEM


class Command(BaseCommand):
    """Makes an account for the platform's admin; the password is printed once when none was given."""

    help = "Make an account that opens the platform's admin at /admin/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the person."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")
        parser.add_argument("--password", help="left out: a random one, printed once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account."""
        email = checked_email(options["email"])
        password = checked_password(options["password"], User(email=email, name=options["name"]))
        try:
            staff.create_admin(by=SYSTEM, email=email, password=password, name=options["name"])
        except EmailTakenError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{email} may now sign in at /admin/.")
        if options["password"] is None:
            self.stdout.write(f"Password (shown only now): {password}")
