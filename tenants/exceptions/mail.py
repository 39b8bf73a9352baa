"""Errors about mails that are sent."""

from __future__ import annotations

from chatcms.core.exceptions import ConflictError, UnavailableError


class MailServerError(UnavailableError):
    """The mail server is away, or does not take a mail yet."""

    code = "mail_server_unavailable"
    default_detail = "The mail server cannot be used at the moment."


class MailGoneError(ConflictError):
    """The mail has been removed after its time."""

    code = "mail_gone"
    default_detail = "This mail has been deleted. There is nothing to try again."


class MailDoneError(ConflictError):
    """The mail was sent, or what it says has run out."""

    code = "mail_done"
    default_detail = "This mail has been sent, or its links have run out. There is nothing to try again."
