"""The Celery application: settings from Django, tasks found in every app."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
os.environ.setdefault("CHATCMS_PROCESS", "worker")

from chatcms.environment import settings_or_exit

settings_or_exit()

from celery import Celery

from chatcms.jobs import clock, slots

app = Celery("chatcms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
clock.install(app)
slots.install()
