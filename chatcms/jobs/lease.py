"""Keeps the lease of a running job fresh from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from chatcms.jobs import services
from chatcms.jobs.models import Job

RENEW_EVERY_SECONDS = services.LEASE.total_seconds() / 3


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
    while not stop.wait(RENEW_EVERY_SECONDS):
        try:
            if not services.renew(job):
                return
        except DatabaseError:
            # The database may be restarting: the next round tries again, and an expired lease is safe.
            continue
        finally:
            connection.close()
