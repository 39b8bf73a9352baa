"""Errors about visits of the platform's staff."""

from __future__ import annotations

from chatcms.core.exceptions import ConflictError, NotFoundError, PermissionDeniedError


class NoSuchGrantError(NotFoundError):
    """The tenant has no such grant of access."""

    code = "no_such_access_grant"
    default_detail = "There is no such grant of access here. Check the id."


class GrantNeededError(PermissionDeniedError):
    """Staff would let themselves into a tenant without its seeing."""

    code = "access_grant_needed"
    default_detail = "You cannot make yourself a member of a tenant that is in use. Ask for a grant of access instead."


class GrantOpenError(ConflictError):
    """The member of staff has a grant in that tenant, or has asked for one."""

    code = "access_grant_open"
    default_detail = "You have a grant for this tenant already, or one is waiting for an owner."


class GrantClosedError(ConflictError):
    """The grant is over, or the request was answered or has lapsed."""

    code = "access_grant_closed"
    default_detail = "This is over already. Load the page again."
