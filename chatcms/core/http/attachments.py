"""Says to browsers that an answer is a file to keep, and what it is called."""

from __future__ import annotations

from django.utils.http import content_disposition_header

HEADER = "Content-Disposition"


def attachment(name: str) -> str:
    """Return the value of `Content-Disposition` for a file called `name`, in whatever letters."""
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
