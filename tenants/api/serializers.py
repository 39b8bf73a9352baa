"""The shapes of tenants and API keys, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers
from tenants.enums import Scope
from tenants.models import ApiKey
from tenants.services.key_limits import MAX_IDS


class TenantSerializer(serializers.Serializer[Any]):
    """A tenant, as its members see it."""

    id = serializers.UUIDField(help_text="The tenant.")
    slug = serializers.CharField(help_text="Its name in addresses.")
    name = serializers.CharField(help_text="What the tenant is called.")


def _scopes(**options: Any) -> serializers.ListField:
    scope = serializers.ChoiceField(choices=Scope.choices)
    return serializers.ListField(child=scope, allow_empty=False, max_length=len(Scope), **options)


def _limit(nouns: str) -> serializers.ListField:
    said = (
        f"The only {nouns} that the key may use; an empty list is none at all. Null is no limit, unless the key is "
        "limited otherwise: a key for some bots knows no datasets that it does not name, and the other way round."
    )
    child = serializers.UUIDField()
    return serializers.ListField(child=child, max_length=MAX_IDS, required=False, allow_null=True, help_text=said)


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """An API key; its text is never shown again."""

    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), read_only=True, help_text="What it may do."
    )
    made_by = serializers.EmailField(
        read_only=True, allow_null=True, help_text="Who made it, or made the key that made it; null for the system."
    )
    maker_removed = serializers.BooleanField(
        read_only=True, help_text="Whether that person is no member any more: ask yourself who has the key now."
    )

    class Meta:
        model = ApiKey
        fields = [
            "id", "name", "prefix", "last_four", "scopes", "bot_ids", "dataset_ids", "created_at", "updated_at",
            "expires_at", "last_used_at", "revoked_at", "made_by", "maker_removed",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "bot_ids": "The bots that it is limited to; null: all there are and will be.",
            "dataset_ids": "The datasets that it is limited to; null: all there are and will be.",
            "expires_at": "From when it is no longer good; null: never.",
            "last_four": "The last four characters of the key, to tell keys apart.",
            "last_used_at": "When it was last used, to within a minute or so; null if never.",
            "name": "What it is called, to tell it apart.",
            "prefix": "How the key begins, to tell keys apart.",
            "revoked_at": "When it was revoked, for good; null while it is not.",
        }


class NewApiKeySerializer(serializers.Serializer[Any]):
    """What an API key is to be able to do, with what, and until when."""

    name = serializers.CharField(max_length=100, help_text="What it is called, to tell it apart.")
    scopes = _scopes(help_text="What it may do.")
    bot_ids = _limit("bots")
    dataset_ids = _limit("datasets")
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="From when it is no longer good; null: never."
    )


class ApiKeyChangesSerializer(serializers.Serializer[Any]):
    """What may be changed of an API key; what is absent stays."""

    name = serializers.CharField(max_length=100, required=False, help_text="What it is called, to tell it apart.")
    scopes = _scopes(required=False, help_text="What it may do.")
    bot_ids = _limit("bots")
    dataset_ids = _limit("datasets")
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="From when it is no longer good; null: never."
    )


class ApiKeyQuery(serializers.Serializer[Any]):
    """Narrows down the API keys."""

    is_live = serializers.BooleanField(required=False, help_text="Neither revoked nor expired.")
    search = serializers.CharField(max_length=100, required=False, help_text="A part of the name, or the prefix.")


class CreatedApiKeySerializer(ApiKeySerializer):
    """A new API key with its text, this once."""

    key = serializers.CharField(read_only=True, help_text="Keep it now: it is shown only in this answer.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields
