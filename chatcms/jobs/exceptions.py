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


class JobTargetGoneError(ConflictError):
    """What the job worked on has been deleted."""

    code = "job_target_gone"
    default_detail = "What this job worked on has been deleted. There is nothing to try again."


class JobTargetDoneError(ConflictError):
    """What the job worked on has been brought to its end in another way."""

    code = "job_target_done"
    default_detail = "This has been done in the meantime. There is nothing to try again."


class JobTenantUnavailableError(ConflictError):
    """The job's tenant has no schema to work in."""

    code = "job_tenant_unavailable"
    default_detail = "The tenant of this job is not ready, or is being deleted. Its jobs cannot be tried again."


class UnknownJobKindError(ConflictError):
    """No app of this version does jobs of that kind."""

    code = "unknown_job_kind"
    default_detail = "This version does no jobs of this kind. There is nothing to try again."


class YieldError(Exception):
    """A job makes room for others: it has kept what it has done so far, and goes on from there later."""
