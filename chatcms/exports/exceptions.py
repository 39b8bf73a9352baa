"""Errors that somebody who exports can cause."""

from __future__ import annotations

from chatcms.core.exceptions import ConflictError, NotFoundError, UnavailableError


class NoSuchExportError(NotFoundError):
    """There is no export with that id, or its file is gone."""

    code = "no_such_export"
    default_detail = "There is no such export any more. Exports are kept for seven days; make a new one."


class ExportUnderWayError(ConflictError):
    """One export at a time."""

    code = "export_under_way"
    default_detail = "An export is being made already. Wait until it is ready."


class ErasedMeanwhileError(UnavailableError):
    """Conversations were erased again and again while an export was being made; its job is tried again."""

    code = "erased_meanwhile"
    default_detail = "Conversations are being erased at the moment. The export is made when that is done."
