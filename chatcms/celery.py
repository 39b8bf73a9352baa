"""Where workers and the scheduler start: the Celery application, the tasks of every app, and what a worker needs."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
os.environ.setdefault("CHATCMS_PROCESS", "worker")

from chatcms.config.environment import settings_or_exit

settings_or_exit()

from celery.signals import worker_init

from chatcms.jobs import children, clock, keeper, slots
from chatcms.jobs.broker import app

__all__ = ["app"]

app.autodiscover_tasks()
clock.install(app)
slots.install()
children.install()


@worker_init.connect
def share_memory(**_: object) -> None:
    """Keep the collector off what the worker's children share with it: each page that it touched would be copied."""
    gc.collect()
    gc.freeze()


# After the above: the keeper is forked with the memory that is shared.
keeper.install(app)
