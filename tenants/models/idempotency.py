"""Answers that are kept for a day, so that a request sent twice is carried out once."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class IdempotentRequest(models.Model):
    """One carried-out request with an `Idempotency-Key`, found by a hash of tenant, caller, route and key.

    `body` is encrypted: it may show a key that is shown once. The row is written in the transaction of the
    request itself, so that either both are there or neither.
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    tenant_id = models.UUIDField(null=True, db_index=True)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now(), db_index=True)

    class Meta:
        db_table = "idempotent_requests"

    def __str__(self) -> str:
        return self.key_hash[:12]
