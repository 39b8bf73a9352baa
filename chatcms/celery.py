"""The Celery application: settings from Django, tasks found in every app."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
os.environ.setdefault("CHATCMS_PROCESS", "worker")

from chatcms.environment import settings_or_exit

settings_or_exit()

from celery import Celery
from celery.signals import worker_init

from chatcms.jobs import children, clock, keeper, slots

app = Celery("chatcms")
app.config_from_object("django.conf:settings", namespace="CELERY")
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
