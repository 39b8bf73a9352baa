"""Reads the mails that the product sent, once they are sent."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.core import mail as outgoing
from django.core.mail import EmailMessage

from tenants.services import mail

Capture = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]

_TOKEN = re.compile(r"token(?:, it)? is:\s+(\S+)")


@contextmanager
def sent(capture_on_commit: Capture) -> Iterator[list[EmailMessage]]:
    """Collect the mails that are sent because of the block; the transaction of the test counts as committed."""
    before = len(getattr(outgoing, "outbox", []))
    found: list[EmailMessage] = []
    with capture_on_commit(execute=True):
        yield found
    for thread in threading.enumerate():
        if thread.name == mail.THREAD:
            thread.join(timeout=60)
    found += outgoing.outbox[before:]


def token_in(message: EmailMessage) -> str:
    """Return the token that a program is to be given."""
    match = _TOKEN.search(str(message.body))
    assert match is not None, message.body
    return match[1]
