"""Abstract model parts that every app's tables share."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from chatcms.core.db.ids import uuid7


class UUIDModel(models.Model):
    """A row with a UUIDv7 primary key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class TimestampedModel(UUIDModel):
    """A row that knows when it was made and last changed (also when written by plain SQL)."""

    created_at = models.DateTimeField(auto_now_add=True, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now(), editable=False)

    class Meta:
        abstract = True
