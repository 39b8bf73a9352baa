"""What the platform's staff ask of a tenant that is in use: to take somebody in, or to give a member a higher role."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from chatcms.core.db.models import TimestampedModel
from tenants.enums import RequestState, Role
from tenants.models.people import User
from tenants.models.tenant import Tenant

# A request that no owner answers is none any more after this.
ANSWER_WITHIN = timedelta(days=14)


class MemberRequestQuerySet(models.QuerySet["MemberRequest"]):
    """Selections of requests."""

    def waiting(self) -> MemberRequestQuerySet:
        """Those that an owner can still answer."""
        return self.filter(answered_at__isnull=True, created_at__gt=timezone.now() - ANSWER_WITHIN)

    def in_state(self, state: str) -> MemberRequestQuerySet:
        """Those in a state, one of `RequestState`, as the property `state` says it of each."""
        if state == RequestState.WAITING:
            return self.waiting()
        if state == RequestState.LAPSED:
            return self.filter(answered_at__isnull=True, created_at__lte=timezone.now() - ANSWER_WITHIN)
        return self.filter(answered_at__isnull=False, is_approved=state == RequestState.APPROVED)


class MemberRequest(TimestampedModel):
    """That staff want a person to have a role in a tenant; nothing comes of it before an owner approves."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="member_requests")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    asked_by = models.CharField(max_length=254)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=254, blank=True, default="", db_default="")
    is_approved = models.BooleanField(default=False, db_default=False)

    objects = MemberRequestQuerySet.as_manager()

    class Meta:
        db_table = "member_requests"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role} of {self.tenant_id}"

    @property
    def lapses_at(self) -> datetime:
        """From when on nobody can answer it."""
        return self.created_at + ANSWER_WITHIN

    @property
    def state(self) -> RequestState:
        """Where the request is in its life."""
        if self.answered_at is not None:
            return RequestState.APPROVED if self.is_approved else RequestState.DECLINED
        return RequestState.WAITING if timezone.now() - self.created_at < ANSWER_WITHIN else RequestState.LAPSED
