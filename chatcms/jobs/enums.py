"""The states of a job, and the queues."""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """`DEAD` jobs have used up their attempts and wait for a person."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    DEAD = "dead", "Dead"
    CANCELLED = "cancelled", "Cancelled"


class Queue(models.TextChoices):
    """`SHORT` is for work of seconds, which never waits behind work of minutes."""

    DEFAULT = "default", "Default"
    SHORT = "short", "Short"
