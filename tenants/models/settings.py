"""What a tenant sets for itself as a whole."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from chatcms.core.db.models import TimestampedModel
from tenants.models.tenant import Tenant

color_validator = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "Send a colour as #rrggbb.")
DEFAULT_COLOR = "#4f46e5"  # stands for: none chosen
PRODUCT_COLOR = "#0f766e"  # near enough to the product's own to begin choosing from


class TenantSettings(TimestampedModel):
    """A tenant's look, language, retention, and who comes in how; `identity_secret` is encrypted and shown once.

    `require_second_factor` is asked of members; with `approve_staff_access` the platform's staff wait for an owner.
    A logo that was uploaded has a name and is shown rather than the one at `logo_url`; `TenantLogo` holds it.
    With the identity secret the tenant's own server vouches for who a visitor is. Its name is the tenant's.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="settings")
    accent_color = models.CharField(
        max_length=7, default=DEFAULT_COLOR, db_default=DEFAULT_COLOR, validators=[color_validator]
    )
    logo_url = models.URLField(max_length=500, blank=True, default="", db_default="")
    logo_name = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)
    website = models.URLField(max_length=500, blank=True, default="", db_default="")
    support_email = models.EmailField(blank=True, default="", db_default="")
    language = models.CharField(max_length=16, default="en", db_default="en")
    time_zone = models.CharField(max_length=60, default="UTC", db_default="UTC")
    retention_days = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    require_second_factor = models.BooleanField(default=False, db_default=False)
    approve_staff_access = models.BooleanField(default=False, db_default=False)
    identity_secret = models.TextField(blank=True, default="", db_default="", editable=False)

    class Meta:
        db_table = "tenant_settings"

    def __str__(self) -> str:
        return f"settings of {self.tenant_id}"

    @property
    def own_color(self) -> str:
        """The accent that the tenant chose; empty until it did: then the product's own is used everywhere."""
        return "" if self.accent_color.lower() == DEFAULT_COLOR else self.accent_color

    @property
    def has_identity_secret(self) -> bool:
        """Whether the tenant's server can vouch for visitors."""
        return bool(self.identity_secret)
