"""`manage.py reset_second_factor`: lets somebody in again who has lost app, passkey and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.management.prompts import checked_email
from tenants.models import User
from tenants.services.factors import managing
from tenants.types import SYSTEM


class Command(BaseCommand):
    """Takes a person's second factors away; they sign in with the password alone and add new ones."""

    help = "Take every second factor and recovery code of a person away, staff included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the person."""
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them away."""
        user = User.objects.filter(email=checked_email(options["email"])).first()
        if user is None:
            raise CommandError("Nobody has an account with that e-mail address.")
        taken = managing.reset(by=SYSTEM, user=user)
        self.stdout.write(f"{taken} second factors of {user.email} are taken away. The password alone signs in now.")
