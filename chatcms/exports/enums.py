"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    """Where an export is on its way."""

    QUEUED = "queued", _("Waiting")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
