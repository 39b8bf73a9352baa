"""The product's Celery application: hints are sent by it, and the workers (`chatcms.celery`) run it."""

from __future__ import annotations

from celery import Celery

app = Celery("chatcms")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Threads that did not make the application find it too: shared tasks belong to the default one.
app.set_default()
