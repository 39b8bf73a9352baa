"""The shapes of signing in and of API keys, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core import serializers
from tenants.enums import Role, Scope
from tenants.models import ApiKey


class CredentialsSerializer(serializers.Serializer[Any]):
    """What a person signs in with."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False, style={"input_type": "password"})
    tenant = serializers.CharField(
        max_length=40, required=False, help_text="The slug; needed by people who belong to several tenants."
    )
    otp = serializers.CharField(
        max_length=40,
        required=False,
        help_text="A code of an authenticator app, or a recovery code; for people who have a second factor.",
    )


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token, good once."""

    refresh = serializers.CharField(max_length=4096)


class TenantSerializer(serializers.Serializer[Any]):
    """A tenant, as its members see it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token for some minutes and a refresh token for the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"], default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds for which the access token is good.")
    tenant = TenantSerializer()
    role = serializers.ChoiceField(choices=Role.choices)


class CallerSerializer(serializers.Serializer[Any]):
    """Who the credential stands for, and where."""

    type = serializers.ChoiceField(choices=["user", "api_key"])
    id = serializers.UUIDField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field
        help_text="The person's e-mail address, or the key's name and prefix."
    )
    tenant = TenantSerializer()
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """An API key; its text is never shown again."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), read_only=True)

    class Meta:
        model = ApiKey
        fields = [
            "id",
            "name",
            "prefix",
            "last_four",
            "scopes",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]
        read_only_fields = fields


class NewApiKeySerializer(serializers.Serializer[Any]):
    """What an API key is to be able to do, and until when."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False, max_length=len(Scope)
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class CreatedApiKeySerializer(ApiKeySerializer):
    """A new API key with its text, this once."""

    key = serializers.CharField(read_only=True, help_text="Keep it now: it is shown only in this answer.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields
