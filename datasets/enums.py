"""The closed sets of words that this app stores."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentSource(models.TextChoices):
    """Where a document came from."""

    UPLOAD = "upload", _("Uploaded file")
    URL = "url", _("Fetched from the web")
    TEXT = "text", _("Written here")
    QA = "qa", _("Questions and answers")


class DocumentState(models.TextChoices):
    """Where a document is on its way from a file or address to something that can be asked."""

    QUEUED = "queued", "Queued"
    FETCHING = "fetching", "Fetching"
    READING = "reading", "Reading"
    SPLITTING = "splitting", "Splitting"
    EMBEDDING = "embedding", "Embedding"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class OnSameName(models.TextChoices):
    """What becomes of a new file when its dataset has a document of that name."""

    REPLACE = "replace", _("Replace the text of the file that is here")
    KEEP_BOTH = "keep_both", _("Keep both")


class Arrival(models.TextChoices):
    """What became of a file that was sent."""

    CREATED = "created", "Created"
    REPLACED = "replaced", "Replaced"
    UNCHANGED = "unchanged", "Unchanged"


class JobKind(models.TextChoices):
    """The jobs of this app."""

    INGEST_DOCUMENT = "datasets.ingest_document", "Ingest a document"
    REMOVE_FILE = "datasets.remove_file", "Remove a file"
    ANALYSE_DOCUMENT = "datasets.analyse_document", "Analyse a document's words anew"
