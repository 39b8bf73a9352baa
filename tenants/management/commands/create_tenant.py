"""`manage.py create_tenant`: makes a tenant, and its owner's account if that is new."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatcms.core.exceptions import AppError
from tenants.management.prompts import checked_email, checked_password
from tenants.models import Plan, Tenant, User
from tenants.services import mailboxes, members, provisioning
from tenants.types import SYSTEM


class Command(BaseCommand):
    """Makes a tenant, or takes up one whose making stopped halfway (`--resume`)."""

    help = "Make a tenant with its own schema and an owner."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the tenant and its owner."""
        parser.add_argument("--slug", required=True, help="lower-case letters, digits and hyphens; in /t/<slug>/")
        parser.add_argument("--name", help="left out: the slug")
        parser.add_argument("--owner-email", help="a new person gets a password, printed once")
        parser.add_argument("--owner-password", help="for a new person; left out: a random one")
        parser.add_argument("--plan", help="the code of a plan; left out: the default plan, if there is one")
        parser.add_argument("--resume", action="store_true", help="go on with a tenant that was not finished")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the tenant."""
        email = checked_email(options["owner_email"]) if options["owner_email"] else None
        password = self._password(email, options["owner_password"])
        try:
            tenant = self._resumed(options) if options["resume"] else self._created(options, email)
        except AppError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"Tenant {tenant.slug} ({tenant.id}) is {tenant.status}; its portal is /t/{tenant.slug}/.")
        if email is not None and password is not None:
            owner = User.objects.get(email=email)
            members.set_password(by=SYSTEM, user=owner, password=password)
            # Whoever runs the installation hands the password over, and knows to whom.
            mailboxes.vouch(by=SYSTEM, user=owner)
            if options["owner_password"] is None:
                self.stdout.write(f"Owner {email}, password (shown only now): {password}")

    def _password(self, email: str | None, given: str | None) -> str | None:
        known = email is not None and User.objects.filter(email=email).exists()
        if known and given is not None:
            raise CommandError(f"{email} has an account already; its password is not changed here.")
        if email is None or known:
            return None
        return checked_password(given, User(email=email))

    def _created(self, options: dict[str, Any], email: str | None) -> Tenant:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if options["plan"] and plan is None:
            raise CommandError(f"There is no plan `{options['plan']}`.")
        name = options["name"] or options["slug"]
        return provisioning.create_tenant(by=SYSTEM, name=name, slug=options["slug"], owner_email=email, plan=plan)

    def _resumed(self, options: dict[str, Any]) -> Tenant:
        tenant = Tenant.objects.filter(slug=options["slug"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant `{options['slug']}`.")
        return provisioning.resume(tenant)
