"""The shapes of signing in and of people's own accounts, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers
from tenants.api.serializers import TenantSerializer
from tenants.enums import Role, Scope
from tenants.models import Membership
from tenants.services.devices import MAX_TEXT as MAX_DEVICE_TOKEN
from tenants.services.passwords import MAX_PASSWORD

_PASSWORD: dict[str, Any] = {"max_length": MAX_PASSWORD, "trim_whitespace": False, "style": {"input_type": "password"}}
MAX_TOKEN = 4096
OTP: dict[str, Any] = {
    "max_length": 40,
    "required": False,
    "help_text": "A code of an authenticator app, or a recovery code; for people who have a second factor.",
}
DEVICE: dict[str, Any] = {
    "max_length": MAX_DEVICE_TOKEN,
    "required": False,
    "allow_blank": True,
    "help_text": (
        "The `device_token` of this device's last sign-in of the person: what strangers try elsewhere does not count "
        "against it."
    ),
}
DEVICE_SHOWN = (
    "Keep it on this device and send it with the next sign-in there. It opens nothing, is good for a year, and ends "
    "when the person's password changes."
)


class CredentialsSerializer(serializers.Serializer[Any]):
    """What a person signs in with."""

    email = serializers.EmailField(max_length=254, help_text="The user's e-mail address.")
    password = serializers.CharField(**_PASSWORD, help_text="The user's password.")
    tenant = serializers.CharField(
        max_length=40, required=False, help_text="The slug; needed by people who belong to several tenants."
    )
    otp = serializers.CharField(**OTP)
    device_token = serializers.CharField(**DEVICE)


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token, good once."""

    refresh = serializers.CharField(
        max_length=MAX_TOKEN, help_text="The refresh token of the last pair; it is good once."
    )


class SignOutSerializer(serializers.Serializer[Any]):
    """A token of the sign-in that is to end."""

    token = serializers.CharField(max_length=MAX_TOKEN, help_text="The refresh token, or the access token.")


class SwitchSerializer(serializers.Serializer[Any]):
    """Which tenant to go to."""

    tenant = serializers.CharField(max_length=40, help_text="The slug.")


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token for some minutes and a refresh token for the next pair."""

    access = serializers.CharField(help_text="The access token: a bearer credential for some minutes.")
    refresh = serializers.CharField(help_text="What gets the next pair from `POST /v1/auth/token/refresh`; good once.")
    token_type = serializers.ChoiceField(
        choices=["Bearer"], default="Bearer", help_text="How to send the access token: as `Authorization: Bearer …`."
    )
    expires_in = serializers.IntegerField(help_text="Seconds for which the access token is good.")
    tenant = TenantSerializer(help_text="The tenant that the tokens are for.")
    role = serializers.ChoiceField(choices=Role.choices, help_text="The role in that tenant.")


class SignedInSerializer(TokenPairSerializer):
    """The first pair of a sign-in, and what makes the device known from now on."""

    device_token = serializers.CharField(help_text=DEVICE_SHOWN)


class RenewedPairSerializer(TokenPairSerializer):
    """The next pair of a sign-in; the platform's staff have neither tenant nor role."""

    tenant = TenantSerializer(
        allow_null=True, help_text="The tenant that the tokens are for; null for the platform's staff."
    )
    role = serializers.ChoiceField(
        choices=Role.choices, allow_null=True, help_text="The role in that tenant; null without one."
    )


class NewPasswordPairSerializer(RenewedPairSerializer):
    """The first pair after the password changed, and what makes the device known again."""

    device_token = serializers.CharField(help_text=DEVICE_SHOWN)


class CallerSerializer(serializers.Serializer[Any]):
    """Who the credential stands for, where, and what it may do."""

    type = serializers.ChoiceField(
        choices=["user", "api_key", "staff", "visitor"], help_text="What kind of caller it is."
    )
    id = serializers.UUIDField(help_text="The user, key or visitor.")
    label = serializers.CharField(  # type: ignore[assignment]  # a field
        help_text="The person's e-mail address, the key's name and prefix, or the tenant's own name for a visitor."
    )
    name = serializers.CharField(help_text="The person's name; empty when there is none.")
    tenant = TenantSerializer(allow_null=True, help_text="Null for the platform's staff, who are in none.")
    role = serializers.ChoiceField(
        choices=Role.choices, allow_null=True, help_text="Their role in the tenant; null unless they are a member."
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), help_text="What the key may do; empty for other callers."
    )
    bot_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="The only bots that it may use; null is no limit."
    )
    dataset_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="The only datasets that it may use; null is no limit."
    )


class OwnChangesSerializer(serializers.Serializer[Any]):
    """What people may change of their own account."""

    name = serializers.CharField(max_length=150, allow_blank=True, required=False, help_text="What you are called.")


class OwnMembershipSerializer(serializers.ModelSerializer[Membership]):
    """A tenant that the caller may enter, and as what."""

    tenant = TenantSerializer(read_only=True, help_text="The tenant.")
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="Your role there.")

    class Meta:
        model = Membership
        fields = ["id", "tenant", "role", "created_at"]
        read_only_fields = fields


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The present password, as a proof, and the next one."""

    current_password = serializers.CharField(**_PASSWORD, help_text="The password that is good now.")
    new_password = serializers.CharField(**_PASSWORD, help_text="The password from now on.")


class PasswordResetSerializer(serializers.Serializer[Any]):
    """Whose password is forgotten."""

    email = serializers.EmailField(
        max_length=254, help_text="The address to mail a link to. Whether anybody has it is not told."
    )
    device_token = serializers.CharField(**DEVICE)


class NewPasswordSerializer(serializers.Serializer[Any]):
    """The token from the mail, and the next password."""

    token = serializers.CharField(max_length=200, help_text="The token from the link that was mailed.")
    password = serializers.CharField(**_PASSWORD, help_text="The password from now on.")


class InvitationTokenSerializer(serializers.Serializer[Any]):
    """The token from an invitation."""

    token = serializers.CharField(max_length=200, help_text="The token from the link of the invitation.")


class OfferSerializer(serializers.Serializer[Any]):
    """What an invitation offers to whom."""

    email = serializers.EmailField(source="invitation.email", help_text="The address that was invited.")
    role = serializers.ChoiceField(
        choices=Role.choices, source="invitation.role", help_text="The role that is offered."
    )
    tenant = TenantSerializer(source="invitation.tenant", help_text="The tenant that invites.")
    expires_at = serializers.DateTimeField(
        source="invitation.expires_at", help_text="Until when the invitation can be accepted."
    )
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
