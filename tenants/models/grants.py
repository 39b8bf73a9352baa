"""The platform's staff in a tenant: asked for, bounded in time, and there for the tenant to see."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chatcms.core.db.models import TimestampedModel
from tenants.enums import GrantRole, GrantState
from tenants.models.people import User
from tenants.models.tenant import Tenant

LONGEST = timedelta(hours=8)
# A request that nobody answers is none any more after this.
ANSWER_WITHIN = timedelta(hours=24)


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    """Selections of grants."""

    def in_force(self) -> AccessGrantQuerySet:
        """Those that let their member of staff in now."""
        now = timezone.now()
        return self.filter(
            starts_at__lte=now,
            ends_at__gt=now,
            closed_at__isnull=True,
            staff__is_active=True,
            staff__is_staff=True,
        )

    def waiting(self) -> AccessGrantQuerySet:
        """Those that an owner can still approve."""
        since = timezone.now() - ANSWER_WITHIN
        return self.filter(starts_at__isnull=True, closed_at__isnull=True, created_at__gt=since)


class AccessGrant(TimestampedModel):
    """Leave for one member of staff to enter one tenant, at most `LONGEST`; `closed_at` ends it before its time.

    Asked for at `created_at`. `approved_by` is the owner who said yes, nobody where the tenant lets staff in at once.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="access_grants")
    staff = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_grants")
    role = models.CharField(max_length=10, choices=GrantRole, default=GrantRole.VIEWER)
    reason = models.CharField(max_length=500)
    minutes = models.PositiveSmallIntegerField()
    approved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=254, blank=True, default="", db_default="")

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        db_table = "access_grants"
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "staff"], name="access_grants_by_tenant")]
        constraints = [
            models.CheckConstraint(
                name="access_grants_bounded",
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                    ends_at__lte=F("starts_at") + LONGEST,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} in {self.tenant_id} as {self.role}"

    @property
    def state(self) -> GrantState:
        """Where the grant is in its life."""
        now = timezone.now()
        if self.closed_at is not None:
            return GrantState.DECLINED if self.starts_at is None else GrantState.REVOKED
        if self.starts_at is None or self.ends_at is None:
            return GrantState.WAITING if now - self.created_at < ANSWER_WITHIN else GrantState.LAPSED
        return GrantState.ACTIVE if now < self.ends_at else GrantState.ENDED
