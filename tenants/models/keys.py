"""Credentials that programs carry: API keys and refresh tokens, both kept as hashes or ids only."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from chatcms.core.db.ids import uuid7
from chatcms.core.db.models import TimestampedModel
from tenants.enums import Scope
from tenants.models.people import Membership, User
from tenants.models.tenant import Tenant


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Selections of API keys."""

    def live(self) -> ApiKeyQuerySet:
        """Those that are neither revoked nor expired."""
        unexpired = models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at__isnull=True)

    def with_maker(self) -> ApiKeyQuerySet:
        """Each with who made it and `maker_is_here`: whether that person may still enter the key's tenant."""
        here = Membership.objects.filter(
            user_id=models.OuterRef("created_by_id"),
            tenant_id=models.OuterRef("tenant_id"),
            is_active=True,
            user__is_active=True,
        )
        return self.select_related("created_by").annotate(maker_is_here=models.Exists(here))


class ApiKey(TimestampedModel):
    """A program's credential; found by its prefix, proved by SHA-256, shown once when made."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=24, unique=True)
    key_hash = models.CharField(max_length=64)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    # Null is no limit; an empty list is none at all. Plain ids: bots and datasets live in the tenant's schema.
    bot_ids = ArrayField(models.UUIDField(), null=True, blank=True)
    dataset_ids = ArrayField(models.UUIDField(), null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        db_table = "api_keys"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…{self.last_four})"

    @property
    def made_by(self) -> str | None:
        """The e-mail address of who made it, or made the key that made it; None for the system."""
        return self.created_by.email if self.created_by is not None else None

    @property
    def maker_removed(self) -> bool:
        """Whether its maker is in the tenant no more; known of rows that come from `with_maker`."""
        return self.created_by_id is not None and not getattr(self, "maker_is_here", True)

    @property
    def is_live(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class RefreshToken(models.Model):
    """One link of a refresh chain; using a consumed link again revokes its whole family."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    family_id = models.UUIDField(default=uuid.uuid4, db_index=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_tokens")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)
    replaced_by = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_tokens"

    def __str__(self) -> str:
        return f"refresh token {self.id}"
