"""What each tenant used, day by day, for the platform's staff."""

from __future__ import annotations

from django.db import models

from chatcms.core.db.models import UUIDModel
from tenants.models.tenant import Tenant


class UsageDay(UUIDModel):
    """One day (UTC) of one bot and model of a tenant, rolled up from the usage in the tenant's own schema.

    `cost` leaves out answers whose price is unknown; `unpriced` counts them. The tokens of the vendors' caches are a
    part of the prompts', those of thoughts a part of the answers'; None until the day is counted anew that was counted
    when nobody asked for them.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="usage_days")
    day = models.DateField()
    bot_id = models.UUIDField()
    model = models.CharField(max_length=200)
    messages = models.PositiveIntegerField()
    prompt_tokens = models.PositiveBigIntegerField()
    completion_tokens = models.PositiveBigIntegerField()
    cache_read_tokens = models.PositiveBigIntegerField(null=True)
    cache_write_tokens = models.PositiveBigIntegerField(null=True)
    reasoning_tokens = models.PositiveBigIntegerField(null=True)
    cost = models.DecimalField(max_digits=18, decimal_places=8)
    unpriced = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "usage_days"
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "day", "bot_id", "model"], name="usage_days_once"),
        ]
        indexes = [models.Index(fields=["day"], name="usage_days_by_day")]

    def __str__(self) -> str:
        return f"{self.tenant_id} on {self.day}: {self.messages} answers"
