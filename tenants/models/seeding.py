"""What an installation was given once, to begin with."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Seed(models.Model):
    """Something that was made for the installation; the row stays when people rename or remove what was made."""

    key = models.CharField(max_length=60, primary_key=True)
    made_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        db_table = "seeds"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key
