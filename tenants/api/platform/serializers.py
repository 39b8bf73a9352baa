"""The shapes of the platform's things, as JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import validate_slug as slug_text

from chatcms.core.api import serializers
from tenants.api.audit import AuditSerializer
from tenants.api.auth.serializers import DEVICE, DEVICE_SHOWN, OTP
from tenants.api.serializers import TenantSerializer
from tenants.enums import DomainProof, Role, TenantStatus
from tenants.models import AuditEvent, Domain, Membership, Plan, Tenant, UsageDay, User
from tenants.services.passwords import MAX_PASSWORD

MAX_COUNT = 2_147_483_647
MAX_BYTES = 9_223_372_036_854_775_807


class StaffCredentialsSerializer(serializers.Serializer[Any]):
    """What a member of the platform's staff signs in with."""

    email = serializers.EmailField(max_length=254, help_text="The e-mail address of one of the platform's staff.")
    password = serializers.CharField(
        max_length=MAX_PASSWORD, trim_whitespace=False, style={"input_type": "password"}, help_text="Their password."
    )
    otp = serializers.CharField(**OTP)
    device_token = serializers.CharField(**DEVICE)


class StaffTokensSerializer(serializers.Serializer[Any]):
    """An access token for some minutes and a refresh token, for `POST /v1/auth/token/refresh`."""

    access = serializers.CharField(help_text="The access token: a bearer credential for some minutes.")
    refresh = serializers.CharField(help_text="What gets the next pair from `POST /v1/auth/token/refresh`; good once.")
    token_type = serializers.ChoiceField(
        choices=["Bearer"], default="Bearer", help_text="How to send the access token: as `Authorization: Bearer …`."
    )
    expires_in = serializers.IntegerField(help_text="Seconds for which the access token is good.")
    device_token = serializers.CharField(help_text=DEVICE_SHOWN)


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
        help_texts = {
            "code": "Its short name, which never changes.",
            "is_default": "Whether tenants get it that are made without one.",
            "max_bots": "How many bots a tenant may have; null: as many as it likes.",
            "max_datasets": "How many datasets a tenant may have; null: as many as it likes.",
            "max_documents": "How many documents a tenant may have in all datasets; null: as many as it likes.",
            "max_members": "How many members a tenant may have; null: as many as it likes.",
            "max_monthly_cost": (
                "How much a tenant's answers may cost in a month (UTC), in US dollars; null: as much as it likes."
            ),
            "max_monthly_messages": "How many questions a tenant may ask in a month (UTC); null: as many as it likes.",
            "max_storage_bytes": "How many bytes of files a tenant may keep; null: as many as it likes.",
            "name": "What it is called.",
            "requests_per_minute": (
                "How many requests of the API a tenant may make in a minute; null: as many as the installation allows."
            ),
        }


class PlatformTenantSerializer(serializers.ModelSerializer[Tenant]):
    """A tenant, as the platform's staff see it: how it is made, not what is in it."""

    plan = serializers.CharField(
        source="plan.code",
        allow_null=True,
        default=None,
        read_only=True,
        help_text="The code of its plan; null without one.",
    )
    member_count = serializers.IntegerField(read_only=True, help_text="People who may enter.")

    class Meta:
        model = Tenant
        fields = [
            "id", "slug", "name", "status", "status_detail", "plan", "member_count", "schema_name", "schema_made_at",
            "delete_after", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "delete_after": "When it is deleted for good; null unless that was asked for.",
            "name": "What it is called.",
            "schema_made_at": "When its schema was made; null while there is none.",
            "schema_name": "Where in the database its things are.",
            "slug": "Its name in addresses.",
            "status": "Whether it can be used.",
            "status_detail": "Why it is so, in a sentence; may be empty.",
        }


class NewTenantSerializer(serializers.Serializer[Any]):
    """A tenant to be made."""

    name = serializers.CharField(max_length=200, help_text="What the tenant is called.")
    slug = serializers.CharField(max_length=40, help_text="Lower-case letters, digits and hyphens; stays for good.")
    owner_email = serializers.EmailField(
        max_length=254, required=False, help_text="The address of its first owner, who is invited; left out: nobody is."
    )
    plan = serializers.CharField(max_length=40, required=False, help_text="A plan's code; the default plan if none.")


class TenantChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a tenant; what is absent stays."""

    name = serializers.CharField(max_length=200, required=False, help_text="What it is called.")
    plan = serializers.CharField(max_length=40, required=False, allow_null=True, help_text="A plan's code; null: none.")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why, for the record."""

    reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why, for the audit log and for whoever is kept out.",
    )


class ConfirmationQuery(serializers.Serializer[Any]):
    """The tenant's slug, typed to confirm."""

    confirm = serializers.CharField(max_length=40, help_text="The tenant's slug.")


class OwnerSerializer(serializers.Serializer[Any]):
    """Whom to make an owner."""

    email = serializers.EmailField(max_length=254, help_text="The address of the new owner.")
    name = serializers.CharField(
        max_length=150,
        required=False,
        allow_blank=True,
        default="",
        help_text="What they are called, if they are no user yet.",
    )


class TenantQuery(serializers.Serializer[Any]):
    """Narrows down the tenants."""

    status = serializers.ChoiceField(
        choices=TenantStatus.choices, required=False, help_text="Only tenants in this state."
    )
    plan = serializers.CharField(max_length=40, required=False, help_text="A plan's code.")
    search = serializers.CharField(max_length=200, required=False, help_text="A part of the name or slug.")


class DomainSerializer(serializers.ModelSerializer[Domain]):
    """A host name of a tenant."""

    domain = serializers.CharField(max_length=253, help_text="The host name.")

    proof = serializers.ChoiceField(
        choices=DomainProof.choices, allow_blank=True, read_only=True, help_text="How it was shown to be the tenant's."
    )

    class Meta:
        model = Domain
        fields = ["id", "domain", "is_primary", "verified_at", "proof", "lapsed_at"]
        read_only_fields = ["id", "verified_at", "proof", "lapsed_at"]
        # Whose a name is, the service knows, which looks at it under a lock.
        validators: ClassVar[list[Any]] = []
        help_texts = {
            "is_primary": "Whether links to the tenant name this one.",
            "lapsed_at": "When its proof was found to be gone; null while it stands.",
            "verified_at": "When it was shown to be the tenant's; null until then.",
        }


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """What a person may do in one tenant."""

    tenant = TenantSerializer(read_only=True, help_text="The tenant.")
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="What the user may do there.")

    class Meta:
        model = Membership
        fields = ["tenant", "role", "is_active"]
        read_only_fields = fields
        help_texts = {
            "is_active": "Whether the user may enter this tenant.",
        }


class UserSerializer(serializers.ModelSerializer[User]):
    """A person who signs in."""

    class Meta:
        model = User
        fields = [
            "id", "email", "name", "is_active", "is_staff", "is_superuser", "last_login", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "email": "The address to sign in with.",
            "is_active": "Whether the user may sign in.",
            "is_staff": "Whether the user is one of the platform's staff.",
            "last_login": "When the user last signed in; null if never.",
            "name": "What the user is called; may be empty.",
        }


class WholeUserSerializer(UserSerializer):
    """A person with the tenants that they belong to."""

    memberships = MembershipSerializer(many=True, read_only=True, help_text="The tenants that the user belongs to.")

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "memberships"]
        read_only_fields = fields


class NewUserSerializer(serializers.Serializer[Any]):
    """A person to make an account for."""

    email = serializers.EmailField(max_length=254, help_text="The address to sign in with.")
    name = serializers.CharField(
        max_length=150, required=False, allow_blank=True, default="", help_text="What the user is called."
    )


class UserChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a person; what is absent stays."""

    name = serializers.CharField(max_length=150, required=False, allow_blank=True, help_text="What the user is called.")
    is_active = serializers.BooleanField(required=False, help_text="Whether the user may sign in.")
    is_staff = serializers.BooleanField(required=False, help_text="Only a superuser may change it.")


class UserQuery(serializers.Serializer[Any]):
    """Narrows down the people."""

    search = serializers.CharField(max_length=200, required=False, help_text="A part of the e-mail address or name.")
    is_staff = serializers.BooleanField(required=False, help_text="Only the platform's staff, or only others.")
    is_active = serializers.BooleanField(
        required=False, help_text="Only those who may sign in, or only those who may not."
    )


class PlatformAuditSerializer(AuditSerializer):
    """One line of the audit log."""

    class Meta:
        model = AuditEvent
        fields = [
            "id", "at", "tenant_id", "action", "actor_type", "actor_id", "actor_label", "target_type", "target_id",
            "target_label", "detail", "grant_id", "request_id",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {"tenant_id": "The tenant that it happened in; null for what concerns the whole platform."}


class PlatformAuditQuery(serializers.Serializer[Any]):
    """Narrows down the audit log."""

    tenant_id = serializers.UUIDField(required=False, help_text="Only what happened in this tenant.")
    action = serializers.CharField(max_length=80, required=False, help_text="An action, or how it begins: `tenant.`")
    actor_id = serializers.UUIDField(required=False, help_text="Only what this user or key did.")
    since = serializers.DateTimeField(required=False, help_text="From this moment on (ISO 8601).")
    until = serializers.DateTimeField(required=False, help_text="Before this moment (ISO 8601).")


class UsageQuery(serializers.Serializer[Any]):
    """Which days of usage, summed up by what."""

    since = serializers.DateField(required=False, help_text="First day, UTC; 30 days ago if absent.")
    until = serializers.DateField(required=False, help_text="Last day, UTC; today if absent.")
    tenant_id = serializers.UUIDField(required=False, help_text="Only what this tenant used.")
    group_by = serializers.ChoiceField(
        choices=["tenant", "day", "model"], required=False, default="tenant", help_text="By what the sums are divided."
    )


class UsageSumSerializer(serializers.Serializer[Any]):
    """What was used: by one tenant, on one day, or of one model."""

    tenant = TenantSerializer(required=False, help_text="The tenant; only when divided by tenants.")
    day = serializers.DateField(required=False, help_text="The day, in UTC; only when divided by days.")
    model = serializers.CharField(required=False, help_text="The model's id; only when divided by models.")
    messages = serializers.IntegerField(help_text="How many answers there were.")
    prompt_tokens = serializers.IntegerField(help_text="Tokens of all that models were sent.")
    completion_tokens = serializers.IntegerField(help_text="Tokens of answers.")
    cost = serializers.DecimalField(max_digits=18, decimal_places=8, help_text="US dollars.")
    unpriced = serializers.IntegerField(help_text="Answers of models whose price is unknown; not in `cost`.")
    cache_read_tokens = serializers.IntegerField(help_text="What of `prompt_tokens` was read from vendors' caches.")
    cache_write_tokens = serializers.IntegerField(help_text="What of `prompt_tokens` was written to vendors' caches.")
    reasoning_tokens = serializers.IntegerField(help_text="What of `completion_tokens` was spent on thoughts.")


class UsageReportSerializer(serializers.Serializer[Any]):
    """Usage across tenants; rolled up from each tenant every hour."""

    since = serializers.DateField(help_text="The first day, in UTC.")
    until = serializers.DateField(help_text="The last day, in UTC; it counts in.")
    group_by = serializers.CharField(help_text="By what the sums are divided, as asked.")
    results = UsageSumSerializer(many=True, help_text="The sums, each named by the member that `group_by` says.")
    total = UsageSumSerializer(help_text="The sum of all of them.")


class UsageDaySerializer(serializers.ModelSerializer[UsageDay]):
    """One day of one bot and model of a tenant."""

    class Meta:
        model = UsageDay
        fields = [
            *("day", "bot_id", "model", "messages", "prompt_tokens", "completion_tokens", "cost", "unpriced"),
            *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
        ]
        read_only_fields = fields
        help_texts = {
            "bot_id": "The bot that answered.",
            "cache_read_tokens": "What of `prompt_tokens` was read from vendors' caches.",
            "cache_write_tokens": "What of `prompt_tokens` was written to vendors' caches.",
            "completion_tokens": "Tokens of answers.",
            "cost": "What the answers cost whose model has a known price, in US dollars.",
            "day": "The day, in UTC.",
            "messages": "How many answers there were.",
            "model": "The model that answered, by its id.",
            "prompt_tokens": "Tokens of all that models were sent.",
            "reasoning_tokens": "What of `completion_tokens` was spent on thoughts.",
            "unpriced": "How many answers are not in `cost`, since their model's price is unknown.",
        }
