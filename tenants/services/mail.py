"""Writes mails to people, from templates, in the transaction of what they speak of; `outbox` sends them."""

from __future__ import annotations

import json
import re
import unicodedata
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from chatcms.core.db import sealing
from chatcms.core.text.safety import normalized
from tenants.models import Mail

PURPOSE = "mail"
USEFUL_FOR = timedelta(days=3)
# What somebody calls a tenant, and what they say as a reason, is bounded: a mail is ours.
MAX_NAME, MAX_WORDS = 60, 500
# Programs that read mails make links of these.
_LINKED = re.compile(r"(?<=\w)[.@](?=\w)|:(?=//)")
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»<>', "'"))


class Ours(str):
    """A text of a mail that is the product's own: a link, a token, an address that was checked. It stays as it is."""

    __slots__ = ()


class Written(EmailMessage):
    """A mail that knows which template it is of."""

    kind = ""


def compose(kind: str, *, to: str, **context: Any) -> Written:
    """Return the mail that `templates/emails/<kind>.txt` makes; the template's first line is the subject.

    Every text that is not `Ours` is somebody's words, who may want it to look like ours: see `quotable`. Templates put
    such words in quotation marks.
    """
    values = {name: _said(name, value) for name, value in context.items()}
    subject, _, body = render_to_string(f"emails/{kind}.txt", values).partition("\n")
    message = Written(subject=subject, body=body.strip() + "\n", to=[to])
    message.kind = kind
    return message


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


def send_after_commit(message: Written, *, useful_for: timedelta = USEFUL_FOR, is_wanted: bool = True) -> None:
    """Write the mail in the caller's transaction; a worker sends it once that is committed (see `outbox`).

    After `useful_for` it is not sent any more. One that is not wanted takes as long to write, and goes to nobody.
    """
    row = Mail(kind=message.kind, recipient=message.to[0], is_wanted=is_wanted)
    row.useless_after = timezone.now() + useful_for
    text = json.dumps({"subject": str(message.subject), "body": str(message.body)})
    row.sealed = sealing.encrypt(text, purpose=PURPOSE, context=str(row.pk))
    with transaction.atomic():
        row.save(force_insert=True)
        for enqueue in _queue:
            enqueue(row.pk)


def queue_with(enqueue: Callable[[uuid.UUID], object]) -> None:
    """Register how a mail's job is queued; called once, by the app of the jobs, which stands above this one."""
    _queue[:] = [enqueue]


_queue: list[Callable[[uuid.UUID], object]] = []
