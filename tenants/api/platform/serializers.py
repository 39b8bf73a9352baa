"""The shapes of the platform's things, as JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import validate_slug as slug_text

from chatcms.core import serializers
from tenants.api.auth.serializers import OTP
from tenants.api.serializers import TenantSerializer
from tenants.enums import DomainProof, Role, TenantStatus
from tenants.models import AuditEvent, Domain, Membership, Plan, Tenant, UsageDay, User
from tenants.services.passwords import MAX_PASSWORD

MAX_COUNT = 2_147_483_647
MAX_BYTES = 9_223_372_036_854_775_807


class StaffCredentialsSerializer(serializers.Serializer[Any]):
    """What a member of the platform's staff signs in with."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=MAX_PASSWORD, trim_whitespace=False, style={"input_type": "password"})
    otp = serializers.CharField(**OTP)


class StaffTokensSerializer(serializers.Serializer[Any]):
    """An access token for some minutes and a refresh token, for `POST /v1/auth/token/refresh`."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"], default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds for which the access token is good.")


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """A plan; a limit of null is no limit."""

    class Meta:
        model = Plan
        fields = [
            "id", "code", "name", "max_bots", "max_datasets", "max_documents", "max_storage_bytes", "max_members",
            "max_monthly_messages", "max_monthly_cost", "requests_per_minute", "is_default", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "created_at", "updated_at"]
        # The service says what is unique, and takes the default's place from another plan.
        validators: ClassVar[list[Any]] = []
        extra_kwargs = {
            "code": {"validators": [slug_text]},
            "is_default": {"validators": [], "required": False, "default": False},
            **{
                name: {"min_value": 0, "max_value": MAX_COUNT}
                for name in ("max_bots", "max_datasets", "max_documents", "max_members", "max_monthly_messages")
            },
            "max_storage_bytes": {"min_value": 0, "max_value": MAX_BYTES},
            "max_monthly_cost": {"min_value": 0},
            "requests_per_minute": {"min_value": 1, "max_value": MAX_COUNT},
        }


class PlatformTenantSerializer(serializers.ModelSerializer[Tenant]):
    """A tenant, as the platform's staff see it: how it is made, not what is in it."""

    plan = serializers.CharField(source="plan.code", allow_null=True, default=None, read_only=True)
    member_count = serializers.IntegerField(read_only=True, help_text="People who may enter.")

    class Meta:
        model = Tenant
        fields = [
            "id", "slug", "name", "status", "status_detail", "plan", "member_count", "schema_name", "schema_made_at",
            "delete_after", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewTenantSerializer(serializers.Serializer[Any]):
    """A tenant to be made."""

    name = serializers.CharField(max_length=200)
    slug = serializers.CharField(max_length=40, help_text="Lower-case letters, digits and hyphens; stays for good.")
    owner_email = serializers.EmailField(max_length=254, required=False)
    plan = serializers.CharField(max_length=40, required=False, help_text="A plan's code; the default plan if none.")


class TenantChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a tenant; what is absent stays."""

    name = serializers.CharField(max_length=200, required=False)
    plan = serializers.CharField(max_length=40, required=False, allow_null=True, help_text="A plan's code; null: none.")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why, for the record."""

    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ConfirmationQuery(serializers.Serializer[Any]):
    """The tenant's slug, typed to confirm."""

    confirm = serializers.CharField(max_length=40, help_text="The tenant's slug.")


class OwnerSerializer(serializers.Serializer[Any]):
    """Whom to make an owner."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")


class TenantQuery(serializers.Serializer[Any]):
    """Narrows down the tenants."""

    status = serializers.ChoiceField(choices=TenantStatus.choices, required=False)
    plan = serializers.CharField(max_length=40, required=False, help_text="A plan's code.")
    search = serializers.CharField(max_length=200, required=False, help_text="A part of the name or slug.")


class DomainSerializer(serializers.ModelSerializer[Domain]):
    """A host name of a tenant."""

    domain = serializers.CharField(max_length=253)

    proof = serializers.ChoiceField(choices=DomainProof.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Domain
        fields = ["id", "domain", "is_primary", "verified_at", "proof", "lapsed_at"]
        read_only_fields = ["id", "verified_at", "proof", "lapsed_at"]
        # Whose a name is, the service knows, which looks at it under a lock.
        validators: ClassVar[list[Any]] = []


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """What a person may do in one tenant."""

    tenant = TenantSerializer(read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True)

    class Meta:
        model = Membership
        fields = ["tenant", "role", "is_active"]
        read_only_fields = fields


class UserSerializer(serializers.ModelSerializer[User]):
    """A person who signs in."""

    class Meta:
        model = User
        fields = [
            "id", "email", "name", "is_active", "is_staff", "is_superuser", "last_login", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class WholeUserSerializer(UserSerializer):
    """A person with the tenants that they belong to."""

    memberships = MembershipSerializer(many=True, read_only=True)

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "memberships"]
        read_only_fields = fields


class NewUserSerializer(serializers.Serializer[Any]):
    """A person to make an account for."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")


class UserChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a person; what is absent stays."""

    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)
    is_staff = serializers.BooleanField(required=False, help_text="Only a superuser may change it.")


class UserQuery(serializers.Serializer[Any]):
    """Narrows down the people."""

    search = serializers.CharField(max_length=200, required=False, help_text="A part of the e-mail address or name.")
    is_staff = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class PlatformAuditSerializer(serializers.ModelSerializer[AuditEvent]):
    """One line of the audit log."""

    class Meta:
        model = AuditEvent
        fields = [
            "id", "at", "tenant_id", "action", "actor_type", "actor_id", "actor_label", "target_type", "target_id",
            "target_label", "detail", "grant_id", "request_id",
        ]  # fmt: skip
        read_only_fields = fields


class PlatformAuditQuery(serializers.Serializer[Any]):
    """Narrows down the audit log."""

    tenant_id = serializers.UUIDField(required=False)
    action = serializers.CharField(max_length=80, required=False, help_text="An action, or how it begins: `tenant.`")
    actor_id = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False, help_text="From this moment on (ISO 8601).")
    until = serializers.DateTimeField(required=False, help_text="Before this moment (ISO 8601).")


class UsageQuery(serializers.Serializer[Any]):
    """Which days of usage, summed up by what."""

    since = serializers.DateField(required=False, help_text="First day, UTC; 30 days ago if absent.")
    until = serializers.DateField(required=False, help_text="Last day, UTC; today if absent.")
    tenant_id = serializers.UUIDField(required=False)
    group_by = serializers.ChoiceField(choices=["tenant", "day", "model"], required=False, default="tenant")


class UsageSumSerializer(serializers.Serializer[Any]):
    """What was used: by one tenant, on one day, or of one model."""

    tenant = TenantSerializer(required=False)
    day = serializers.DateField(required=False)
    model = serializers.CharField(required=False)
    messages = serializers.IntegerField()
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=18, decimal_places=8, help_text="US dollars.")
    unpriced = serializers.IntegerField(help_text="Answers of models whose price is unknown; not in `cost`.")


class UsageReportSerializer(serializers.Serializer[Any]):
    """Usage across tenants; rolled up from each tenant every hour."""

    since = serializers.DateField()
    until = serializers.DateField()
    group_by = serializers.CharField()
    results = UsageSumSerializer(many=True)
    total = UsageSumSerializer()


class UsageDaySerializer(serializers.ModelSerializer[UsageDay]):
    """One day of one bot and model of a tenant."""

    class Meta:
        model = UsageDay
        fields = ["day", "bot_id", "model", "messages", "prompt_tokens", "completion_tokens", "cost", "unpriced"]
        read_only_fields = fields
