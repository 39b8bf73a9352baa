"""The one row by which each tenant is known."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Marker(models.Model):
    """Whose schema this is; the tests make the table."""

    owner = models.CharField(max_length=63, primary_key=True)

    objects: ClassVar[models.Manager[Marker]] = models.Manager()

    class Meta:
        managed = False
        db_table = "leak_marker"
        app_label = "leakproject"

    def __str__(self) -> str:
        return self.owner
