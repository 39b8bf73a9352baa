"""Errors about jobs."""

from __future__ import annotations

from chatcms.core.exceptions import ConflictError


class JobNotClosedError(ConflictError):
    """The job is done, or queued or running already."""

    code = "job_not_closed"
    default_detail = "Only dead and cancelled jobs can be tried again."


class JobOpenError(ConflictError):
    """Another job does the same work already."""

    code = "job_open"
    default_detail = "Another job is doing this already."
