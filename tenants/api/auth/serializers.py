"""The shapes of signing in and of people's own accounts, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core import serializers
from tenants.api.serializers import TenantSerializer
from tenants.enums import Role, Scope
from tenants.models import Membership
from tenants.services.passwords import MAX_PASSWORD

_PASSWORD: dict[str, Any] = {"max_length": MAX_PASSWORD, "trim_whitespace": False, "style": {"input_type": "password"}}
MAX_TOKEN = 4096
OTP: dict[str, Any] = {
    "max_length": 40,
    "required": False,
    "help_text": "A code of an authenticator app, or a recovery code; for people who have a second factor.",
}


class CredentialsSerializer(serializers.Serializer[Any]):
    """What a person signs in with."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(**_PASSWORD)
    tenant = serializers.CharField(
        max_length=40, required=False, help_text="The slug; needed by people who belong to several tenants."
    )
    otp = serializers.CharField(**OTP)


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token, good once."""

    refresh = serializers.CharField(max_length=MAX_TOKEN)


class SignOutSerializer(serializers.Serializer[Any]):
    """A token of the sign-in that is to end."""

    token = serializers.CharField(max_length=MAX_TOKEN, help_text="The refresh token, or the access token.")


class SwitchSerializer(serializers.Serializer[Any]):
    """Which tenant to go to."""

    tenant = serializers.CharField(max_length=40, help_text="The slug.")


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token for some minutes and a refresh token for the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"], default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds for which the access token is good.")
    tenant = TenantSerializer()
    role = serializers.ChoiceField(choices=Role.choices)


class RenewedPairSerializer(TokenPairSerializer):
    """The next pair of a sign-in; the platform's staff have neither tenant nor role."""

    tenant = TenantSerializer(allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True)


class CallerSerializer(serializers.Serializer[Any]):
    """Who the credential stands for, where, and what it may do."""

    type = serializers.ChoiceField(choices=["user", "api_key", "staff", "visitor"])
    id = serializers.UUIDField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field
        help_text="The person's e-mail address, the key's name and prefix, or the tenant's own name for a visitor."
    )
    name = serializers.CharField(help_text="The person's name; empty when there is none.")
    tenant = TenantSerializer(allow_null=True, help_text="Null for the platform's staff, who are in none.")
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    bot_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="The only bots that it may use; null is no limit."
    )
    dataset_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="The only datasets that it may use; null is no limit."
    )


class OwnChangesSerializer(serializers.Serializer[Any]):
    """What people may change of their own account."""

    name = serializers.CharField(max_length=150, allow_blank=True, required=False)


class OwnMembershipSerializer(serializers.ModelSerializer[Membership]):
    """A tenant that the caller may enter, and as what."""

    tenant = TenantSerializer(read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "tenant", "role", "created_at"]
        read_only_fields = fields


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The present password, as a proof, and the next one."""

    current_password = serializers.CharField(**_PASSWORD)
    new_password = serializers.CharField(**_PASSWORD)


class PasswordResetSerializer(serializers.Serializer[Any]):
    """Whose password is forgotten."""

    email = serializers.EmailField(max_length=254)


class NewPasswordSerializer(serializers.Serializer[Any]):
    """The token from the mail, and the next password."""

    token = serializers.CharField(max_length=200)
    password = serializers.CharField(**_PASSWORD)


class InvitationTokenSerializer(serializers.Serializer[Any]):
    """The token from an invitation."""

    token = serializers.CharField(max_length=200)


class OfferSerializer(serializers.Serializer[Any]):
    """What an invitation offers to whom."""

    email = serializers.EmailField(source="invitation.email")
    role = serializers.ChoiceField(choices=Role.choices, source="invitation.role")
    tenant = TenantSerializer(source="invitation.tenant")
    expires_at = serializers.DateTimeField(source="invitation.expires_at")
    account_exists = serializers.BooleanField(
        help_text="Whether to ask for the password of that account, or for a name and a new password."
    )


class AcceptanceSerializer(InvitationTokenSerializer):
    """An invitation that is accepted, and by whom."""

    name = serializers.CharField(
        max_length=150, required=False, allow_blank=True, default="", help_text="For a new account."
    )
    password = serializers.CharField(
        **_PASSWORD,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the account, present or new; not needed by whoever is signed in.",
    )
    otp = serializers.CharField(**OTP)
