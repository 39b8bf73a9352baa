"""Sends mails to people: written from templates, sent once what they speak of is in the database."""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
from functools import partial
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from chatcms.core.text import normalized

logger = logging.getLogger(__name__)

THREAD = "mail"

_AT_ONCE = threading.BoundedSemaphore(4)


# What somebody calls a tenant, and what they say as a reason, is bounded: a mail is ours.
MAX_NAME, MAX_WORDS = 60, 500
# Programs that read mails make links of these.
_LINKED = re.compile(r"(?<=\w)[.@](?=\w)|:(?=//)")
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»<>', "'"))


class Ours(str):
    """A text of a mail that is the product's own: a link, a token, an address that was checked. It stays as it is."""

    __slots__ = ()


def compose(kind: str, *, to: str, **context: Any) -> EmailMessage:
    """Return the mail that `templates/emails/<kind>.txt` makes; the template's first line is the subject.

    Every text that is not `Ours` is somebody's words, who may want it to look like ours: see `quotable`. Templates put
    such words in quotation marks.
    """
    values = {name: _said(name, value) for name, value in context.items()}
    subject, _, body = render_to_string(f"emails/{kind}.txt", values).partition("\n")
    return EmailMessage(subject=subject, body=body.strip() + "\n", to=[to])


def quotable(text: str, *, longest: int = MAX_NAME) -> str:
    """Return somebody's words on one short line, without anything that could pass for more than words.

    Control and formatting characters go (among them those that turn the direction of writing), quotation marks become
    apostrophes, and what would be made a link of is bracketed: `evil[.]example`.
    """
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    line = " ".join(normalized("NFKC", plain).translate(_QUOTES).split())
    cut = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return _LINKED.sub(lambda found: f"[{found[0]}]", cut)


def _said(name: str, value: Any) -> Any:
    if not isinstance(value, str) or isinstance(value, Ours):
        return value
    return quotable(value, longest=MAX_WORDS if name == "reason" else MAX_NAME)


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
