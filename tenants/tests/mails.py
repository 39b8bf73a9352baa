"""Reads the mails that the product sent, once they are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.core import mail as outgoing
from django.core.mail import EmailMessage

from chatcms.jobs import runner

Capture = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]

_TOKEN = re.compile(r"token(?:, it)? is:\s+(\S+)")


@contextmanager
def sent(capture_on_commit: Capture) -> Iterator[list[EmailMessage]]:
    """Collect the mails that are sent because of the block; the transaction of the test counts as committed."""
    _send_all()  # what was written before the block
    before = len(getattr(outgoing, "outbox", []))
    found: list[EmailMessage] = []
    with capture_on_commit(execute=True):
        yield found
    _send_all()
    found += outgoing.outbox[before:]


def _send_all() -> None:
    while runner.run_next(queue="short"):
        continue


def token_in(message: EmailMessage) -> str:
    """Return the token that a program is to be given."""
    match = _TOKEN.search(str(message.body))
    assert match is not None, message.body
    return match[1]
