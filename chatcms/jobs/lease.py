"""Keeps the lease of a running job fresh from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection

from chatcms.jobs import services
from chatcms.jobs.models import Job

RENEWALS_PER_LEASE = 3


@contextmanager
def kept_lease(job: Job) -> Iterator[None]:
    """Renew the lease while the block runs; a killed process stops renewing and another takes over."""
    stop = threading.Event()
    keeper = threading.Thread(target=_renew_until, args=(job, stop), name=f"lease-{job.pk}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join(timeout=5)


def _renew_until(job: Job, stop: threading.Event) -> None:
    while not stop.wait(settings.JOB_LEASE_SECONDS / RENEWALS_PER_LEASE):
        try:
            if not services.renew(job):
                return
        except DatabaseError:
            # The database may be restarting: the next round tries again, and an expired lease is safe.
            continue
        finally:
            connection.close()
