"""Mails that are to be sent, and what became of them."""

from __future__ import annotations

from django.db import models

from chatcms.core.db.models import TimestampedModel
from tenants.enums import MailState


class Mail(TimestampedModel):
    """One mail to one person, written in the transaction that makes it necessary; a job sends it.

    `sealed` is its subject and text, encrypted, since both hold links that open something; it is emptied once the mail
    is sent, or of no use any more. One that is not `is_wanted` is written for an address that nobody has, so that
    writing it takes as long, and is never sent.
    """

    kind = models.CharField(max_length=40)
    recipient = models.EmailField(max_length=254)
    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    is_wanted = models.BooleanField(default=True)
    sealed = models.TextField(blank=True)
    useless_after = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "mails"
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="mails_by_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"
