"""Errors that somebody who exports can cause."""

from __future__ import annotations

from chatcms.core.exceptions import ConflictError, NotFoundError


class NoSuchExportError(NotFoundError):
    """There is no export with that id, or its file is gone."""

    code = "no_such_export"
    default_detail = "There is no such export any more. Exports are kept for seven days; make a new one."


class ExportUnderWayError(ConflictError):
    """One export at a time."""

    code = "export_under_way"
    default_detail = "An export is being made already. Wait until it is ready."
