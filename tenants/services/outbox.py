"""Sends the mails that were written: the work of a job, tried again while the mail server is away.

A mail is sent at least once: a worker that dies after the server took it sends it again, under the same Message-ID, by
which the reader's mail program tells that it has it.
"""

from __future__ import annotations

import json
import smtplib
import uuid
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from chatcms.core.db import sealing
from chatcms.core.errortext import ErrorText
from tenants.enums import MailState
from tenants.exceptions import MailDoneError, MailGoneError, MailServerError
from tenants.models import Mail
from tenants.services.mail import PURPOSE

# Until a day is over; what is of no use by then is not sent.
PAUSES = (10, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
KEPT = timedelta(days=30)
_RAN_OUT = "What it says had run out before it could be sent."


def deliver(mail_id: uuid.UUID) -> None:
    """The job: send the mail. Raises `MailServerError` while another attempt may help."""
    row = Mail.objects.filter(pk=mail_id, state=MailState.QUEUED).first()
    if row is None:
        return
    if not row.is_wanted:
        _close(row, MailState.DISCARDED)
    elif row.useless_after <= timezone.now():
        _close(row, MailState.FAILED, error=_RAN_OUT)
    elif refusal := _sent_or_refused(_message(row)):
        _close(row, MailState.FAILED, error=refusal)
    else:
        _close(row, MailState.SENT)


def give_up(mail_id: uuid.UUID, reason: str) -> None:
    """Record that no attempt is left; the text is kept as long as it is of use, so that a person can try again."""
    Mail.objects.filter(pk=mail_id, state=MailState.QUEUED).update(state=MailState.FAILED, error=reason)


def revive(mail_id: uuid.UUID) -> None:
    """Make a mail that failed one that is to be sent. Raises `MailGoneError` and `MailDoneError`."""
    row = Mail.objects.select_for_update().filter(pk=mail_id).first()
    if row is None:
        raise MailGoneError
    if row.state in {MailState.SENT, MailState.DISCARDED} or not row.sealed or row.useless_after <= timezone.now():
        raise MailDoneError
    row.state, row.error = MailState.QUEUED, ""
    row.save(update_fields=["state", "error", "updated_at"])


def forget_old() -> None:
    """Empty the mails whose links have run out, and remove those of long ago."""
    now = timezone.now()
    Mail.objects.filter(useless_after__lt=now).exclude(sealed="").update(sealed="")
    Mail.objects.filter(created_at__lt=now - KEPT).delete()


def failed_lately() -> int:
    """Return how many mails of the last week failed."""
    since = timezone.now() - timedelta(days=7)
    return Mail.objects.filter(state=MailState.FAILED, created_at__gte=since).count()


def _message(row: Mail) -> EmailMessage:
    written = json.loads(sealing.decrypt(row.sealed, purpose=PURPOSE, context=str(row.pk)))
    _, _, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    headers = {"Message-ID": f"<{row.pk}@{domain or 'localhost'}>"}
    return EmailMessage(subject=written["subject"], body=written["body"], to=[row.recipient], headers=headers)


def _sent_or_refused(message: EmailMessage) -> str:
    """Send, and return "" or why it never will be. What a mail server says may hold the mail: only its code is kept."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _refused(codes[0] if codes else 0)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code)
    except smtplib.SMTPResponseException as error:
        raise MailServerError(
            ErrorText("The mail server refused us (%(code)s). See EMAIL_URL and EMAIL_FROM.", code=error.smtp_code)
        ) from None
    except OSError as error:
        raise MailServerError(
            ErrorText("The mail server cannot be used: %(problem)s.", problem=type(error).__name__)
        ) from None
    except ValueError as error:
        return f"It cannot be written as a mail: {type(error).__name__}."
    return ""


def _refused(code: int) -> str:
    if code < 500:
        raise MailServerError(ErrorText("The mail server takes it later (%(code)s).", code=code)) from None
    return f"The mail server of the recipient refused it ({code})."


def _close(row: Mail, state: MailState, *, error: str = "") -> None:
    now = timezone.now()
    sent_at = now if state == MailState.SENT else None
    Mail.objects.filter(pk=row.pk).update(state=state, sealed="", sent_at=sent_at, error=error, updated_at=now)
