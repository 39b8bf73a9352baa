"""Sends mails to people: written from templates, sent once what they speak of is in the database."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

THREAD = "mail"

_AT_ONCE = threading.BoundedSemaphore(4)


def compose(kind: str, *, to: str, **context: Any) -> EmailMessage:
    """Return the mail that `templates/emails/<kind>.txt` makes; the template's first line is the subject."""
    # One line each, so that no name can add lines or headers of its own.
    flat = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in context.items()}
    subject, _, body = render_to_string(f"emails/{kind}.txt", flat).partition("\n")
    return EmailMessage(subject=subject, body=body.strip() + "\n", to=[to])


def send_after_commit(message: EmailMessage) -> None:
    """Send the mail when the caller's transaction is committed; one that cannot be sent is logged.

    In a thread of its own: nobody waits for a mail server, and how long it takes tells nobody anything.
    """
    transaction.on_commit(partial(_start, message))


def _start(message: EmailMessage) -> None:
    threading.Thread(target=_deliver, args=(message,), name=THREAD).start()


def _deliver(message: EmailMessage) -> None:
    with _AT_ONCE:
        try:
            message.send()
        except (OSError, ValueError) as error:
            # Only its kind: what a mail server says may hold the mail.
            logger.warning("A mail could not be sent: %s", type(error).__name__)
