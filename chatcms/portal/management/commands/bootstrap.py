"""`manage.py bootstrap`: brings the database to where the code is, seeds it, and adds the sample tenant once."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from chatcms.config.environment import IS_PRODUCTION, VAR_DIR
from chatcms.core.http import proxies
from chatcms.portal.demo import credentials
from chatcms.portal.demo import services as demo
from chatcms.portal.private_hosts import entries_to_move
from providers.catalog.seeding import seed
from tenants.services.migrator import Outcome, migrate_everything

LISTED = 20


def _about_proxies() -> str:
    try:
        return proxies.attention()
    except (RedisError, OSError):
        # Valkey being away is told by others, and keeps nothing from being migrated.
        return ""


class Command(BaseCommand):
    """Migrates all schemas, seeds the providers and, outside production, the sample tenant."""

    help = (
        "Migrate all schemas, seed the platform's providers and (outside production) the sample tenant, each once. "
        "Exit with 1 and name them when tenants could not be migrated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file that new sign-ins are written to; let tenants that could not be migrated be left behind."""
        parser.add_argument("--credentials", type=Path, default=VAR_DIR / "credentials.txt")
        parser.add_argument(
            "--despite-failed-tenants",
            action="store_true",
            default=settings.START_WITH_FAILED_TENANTS,
            help="exit with 0 although tenants could not be migrated; nobody enters them until they are",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do all three; safe to run at each start."""
        outcomes = migrate_everything()
        left_behind = [outcome for outcome in outcomes if outcome.error]
        seed()
        for text in [*entries_to_move(), *filter(None, [_about_proxies()])]:
            self.stdout.write(f"Attention: {text}")
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        if not IS_PRODUCTION and demo.is_due() and not left_behind:
            self._add_demo(options["credentials"])
        if left_behind:
            self._report(left_behind, of=len(outcomes), go_on=options["despite_failed_tenants"])

    def _add_demo(self, path: Path) -> None:
        credentials.follow(path, demo.ensure_sign_ins())
        demo.ensure_content()

    def _report(self, left_behind: list[Outcome], *, of: int, go_on: bool) -> None:
        for outcome in left_behind[:LISTED]:
            self.stderr.write(f"{outcome.tenant.slug}: {outcome.error}")
        names = ", ".join(outcome.tenant.slug for outcome in left_behind[:LISTED])
        more = f" and {len(left_behind) - LISTED} more" if len(left_behind) > LISTED else ""
        fact = f"{len(left_behind)} of {of} tenants could not be migrated: {names}{more}."
        if not go_on:
            raise CommandError(
                f"{fact} Mend the cause (`manage.py migrate_tenants --status` shows it), then start again. To start "
                "for the other tenants now: ./start-all.sh --despite-failed-tenants, or START_WITH_FAILED_TENANTS=true."
            )
        self.stdout.write(f"Attention: {fact} Nobody enters them until `manage.py migrate_tenants` has succeeded.")
