"""`manage.py build_tenant_template`: writes the SQL that new tenants are made from."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.services import template


class Command(BaseCommand):
    """Builds the template from the migrations; with --check only compares."""

    help = "Build the SQL that new tenants are made from, out of the tenant apps' migrations."

    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer a check that writes nothing."""
        parser.add_argument("--check", action="store_true", help="only fail when the template is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the template, or compare it."""
        built = template.build()
        if not options["check"]:
            template.PATH.write_text(built, encoding="utf-8")
            self.stdout.write(f"Wrote {template.PATH.name}, {len(built.splitlines())} lines.")
        elif built != template.PATH.read_text(encoding="utf-8"):
            raise CommandError("The template is out of date. Run `manage.py build_tenant_template`.")
