"""Words for what became of the tenants in a migration."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import CommandError

from tenants.each import Failure, Round
from tenants.services.migrator import Outcome


def line(outcome: Outcome) -> str:
    """Return one line about one tenant."""
    if outcome.error:
        return f"{outcome.tenant.slug}: FAILED, {outcome.error}"
    return f"{outcome.tenant.slug}: {', '.join(outcome.applied) or 'up to date'}"


def finish(outcomes: Sequence[Outcome]) -> None:
    """Raise `CommandError`, which ends a command with a status other than 0, when a tenant failed."""
    failed = [outcome.tenant.slug for outcome in outcomes if outcome.error]
    if failed:
        raise CommandError(
            f"{len(failed)} of {len(outcomes)} tenants were not migrated: {', '.join(failed[:20])}. "
            "The others are done. Mend the cause and run `manage.py migrate_tenants` again."
        )


def finish_round(swept: Round) -> None:
    """Raise `CommandError` when the work of a command could not be done for a tenant."""
    if swept.failures:
        total = len(swept.done) + len(swept.failures)
        raise CommandError(f"It failed for {len(swept.failures)} of {total} tenants. {named(swept.failures)}")


def named(failures: Sequence[Failure]) -> str:
    """Return the first of the tenants that failed, each with its reason."""
    return "; ".join(f"{failure.slug}: {failure.reason}" for failure in failures[:20])
