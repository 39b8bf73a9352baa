"""The shapes of tenants and API keys, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core import serializers
from tenants.enums import Scope
from tenants.models import ApiKey


class TenantSerializer(serializers.Serializer[Any]):
    """A tenant, as its members see it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


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
