"""Tenants, the hosts they answer on, and the plan that bounds them."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.validators import RegexValidator
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from chatcms.core.db.ids import uuid7
from chatcms.core.db.models import TimestampedModel
from tenants.enums import DomainProof, TenantStatus

slug_validator = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z",
    "Use 1 to 40 lower-case letters, digits and hyphens; begin and end with a letter or digit.",
)


class Plan(TimestampedModel):
    """What a tenant may use; an empty limit is no limit."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    max_bots = models.PositiveIntegerField(null=True, blank=True)
    max_datasets = models.PositiveIntegerField(null=True, blank=True)
    max_documents = models.PositiveIntegerField(null=True, blank=True)
    max_storage_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    max_members = models.PositiveIntegerField(null=True, blank=True)
    max_monthly_messages = models.PositiveIntegerField(null=True, blank=True)
    max_monthly_cost = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "plans"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="plans_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name


class TenantQuerySet(models.QuerySet["Tenant"]):
    """Selections of tenants."""

    def enterable(self) -> TenantQuerySet:
        """Those whose schema is whole and up to date, and that are neither suspended nor going away."""
        return self.filter(status=TenantStatus.READY, is_active=True, is_behind=False)

    def provisioned(self) -> TenantQuerySet:
        """Those that have a whole schema, whether or not their members may enter now."""
        return self.filter(status__in=[TenantStatus.READY, TenantStatus.SUSPENDED])

    def with_schema(self) -> TenantQuerySet:
        """Those whose schema was made by us and is to be kept up to date, whatever else happened to them."""
        return self.filter(schema_made_at__isnull=False).exclude(status=TenantStatus.DELETING)


class Tenant(TenantMixin, models.Model):  # type: ignore[misc]  # django-tenants has no types
    """A customer: a walled-off schema of its own, reached by slug, domain or credential."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=40, unique=True, validators=[slug_validator])
    status = models.CharField(max_length=12, choices=TenantStatus, default=TenantStatus.PENDING)
    status_detail = models.TextField(blank=True, default="", db_default="")
    schema_made_at = models.DateTimeField(null=True, editable=False)
    delete_after = models.DateTimeField(null=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tenants", null=True, blank=True)
    cell = models.CharField(max_length=40, default="main", db_default="main")
    is_active = models.BooleanField(default=True, db_default=True)
    # The last migration of its schema failed: the code of today finds its tables of yesterday.
    is_behind = models.BooleanField(default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # The schema is made by tenants.services.provisioning and dropped by nobody but its own job: a
    # signal that creates or drops schemas has destroyed existing ones.
    auto_create_schema = False
    auto_drop_schema = False

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "tenants"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def __enter__(self) -> NoReturn:
        raise RuntimeError("Use tenants.context.tenant_scope: `with tenant` mixes tenants up between threads.")

    def __exit__(self, *exc: Any) -> None:
        """Never reached: `__enter__` refuses."""

    @property
    def is_unfinished(self) -> bool:
        """Whether making it has not come to its end."""
        return self.status in {TenantStatus.PENDING, TenantStatus.CREATING, TenantStatus.FAILED}

    @property
    def is_enterable(self) -> bool:
        """Whether members and programs may enter now."""
        return self.is_active and self.status == TenantStatus.READY and not self.is_behind


class SchemaVersion(models.Model):
    """How the last attempt to migrate a tenant's schema ended; what is applied, the schema itself knows."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="schema_version")
    tried_at = models.DateTimeField()
    last_applied = models.CharField(max_length=255, blank=True, default="")
    error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "tenant_schema_versions"

    def __str__(self) -> str:
        return self.error or self.last_applied


class Domain(DomainMixin, models.Model):  # type: ignore[misc]  # django-tenants has no types
    """A host name that leads to one tenant's portal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Several tenants may ask for a name at once; only one of them can prove that it is theirs.
    domain = models.CharField(max_length=253, db_index=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(
        max_length=5, choices=DomainProof, blank=True, default="", db_default=models.Value(""), editable=False
    )
    # Since when the record that proved the domain has been missing; after a while the name is freed.
    lapsed_at = models.DateTimeField(null=True, editable=False)
    # When its owners were told that the end is near.
    last_warned_at = models.DateTimeField(null=True, editable=False)
    # When its record was last looked for.
    looked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "domains"
        ordering = ["domain", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], condition=models.Q(verified_at__isnull=False), name="domains_one_verified"
            ),
            models.UniqueConstraint(fields=["tenant", "domain"], name="domains_once_a_tenant"),
        ]

    def __str__(self) -> str:
        return str(self.domain)


class RestingDomain(models.Model):
    """A verified name that a tenant gave up: nobody else may verify it until its DNS has had time to follow.

    The tenant is a plain id, since the row outlives it.
    """

    domain = models.CharField(max_length=253, primary_key=True)
    tenant_id = models.UUIDField()
    until = models.DateTimeField()

    class Meta:
        db_table = "resting_domains"
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain
