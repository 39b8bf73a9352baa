"""The states of a job."""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """`DEAD` jobs have used up their attempts and wait for a person."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    DEAD = "dead", "Dead"
    CANCELLED = "cancelled", "Cancelled"
