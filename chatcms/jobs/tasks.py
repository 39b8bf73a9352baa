"""Celery's way into the job queue."""

from __future__ import annotations

from celery import shared_task

from chatcms.jobs import hints, runner, services
from chatcms.jobs.periodic import periodic_task, postponed_while_away
from tenants.services import idempotency, lapsed_domains, lifecycle, outbox, sign_ins


@shared_task(name=hints.RUN_NEXT)
def run_next(queue: str = "default") -> None:
    """Run the next due job, if there is one."""
    with postponed_while_away(hints.RUN_NEXT):
        runner.run_next(queue=queue)


@periodic_task(hints.DISPATCH_DUE)
def dispatch_due() -> None:
    """Hint again at work whose hint was lost or whose worker died."""
    services.dispatch_due()


@periodic_task("chatcms.jobs.drop_deleted_tenants")
def drop_deleted_tenants() -> None:
    """Drop the tenants whose deletion was asked for long enough ago."""
    lifecycle.drop_due()


@periodic_task("chatcms.jobs.forget_idempotent_requests")
def forget_idempotent_requests() -> None:
    """Forget the answers whose repetition nobody waits for any more."""
    idempotency.forget_expired()


@periodic_task("chatcms.jobs.forget_old_mails")
def forget_old_mails() -> None:
    """Empty mails whose links have run out, and remove those of long ago."""
    outbox.forget_old()


@periodic_task("chatcms.jobs.forget_ended_sign_ins")
def forget_ended_sign_ins() -> None:
    """Forget where people were signed in until it ran out."""
    sign_ins.forget_ended()


@periodic_task("chatcms.jobs.recheck_own_domains")
def recheck_own_domains() -> None:
    """Notice domains whose record is gone from the DNS, warn their owners, and free names at last."""
    lapsed_domains.look_at_some()
