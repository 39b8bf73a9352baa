"""What the providers API takes and gives; a key goes in and never comes out."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from chatcms.core.api import serializers
from providers.api.config import ConfigField
from providers.catalog.models import GlobalAIProvider
from providers.config import listed_models
from providers.enums import ProviderType
from providers.keys import MAX_KEY
from providers.models import TenantAIProvider
from providers.profiles import CacheKind, MaxTokensName

_CONFIRM_HELP = (
    "Without it a new default is refused with 409 while bots follow the default, and so is switching off a provider in "
    "use; `usages` lists what would notice."
)
_CONFIG_HELP = (
    "How it is reached, what it offers and how long it is waited for. A provider that the platform lends takes none: "
    "its address, models, prices and timeouts are the platform's."
)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An own key",
            response_only=True,
            value={
                "id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41",
                "name": "OpenAI",
                "provider_type": "openai",
                "global_provider_id": None,
                "config": {"models": ["gpt-3.5-turbo", "gpt-4"]},
                "has_key": True,
                "key_last_four": "9xYz",
                "is_active": True,
                "is_default": True,
                "last_checked_at": "2026-05-04T10:20:30Z",
                "last_check_ok": True,
                "last_check_detail": "The provider answered.",
                "created_at": "2026-05-04T10:20:00Z",
                "updated_at": "2026-05-04T10:20:00Z",
            },
        )
    ]
)
class ProviderSerializer(serializers.ModelSerializer[TenantAIProvider]):
    """A provider of the tenant; of its key only the last four characters are ever shown."""

    has_key = serializers.BooleanField(read_only=True, help_text="Whether there is a key.")
    config = ConfigField(source="settings", read_only=True, help_text=_CONFIG_HELP)

    class Meta:
        model = TenantAIProvider
        fields = [
            "id",
            "name",
            "provider_type",
            "global_provider_id",
            "config",
            "has_key",
            "key_last_four",
            "is_active",
            "is_default",
            "last_checked_at",
            "last_check_ok",
            "last_check_detail",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
        help_texts = {
            "global_provider_id": "The provider of the platform that it stands for; null for one of your own.",
            "is_active": "Whether it can be used.",
            "is_default": "Whether bots that name no provider use it.",
            "key_last_four": "The last four characters of the key; empty without one.",
            "last_check_detail": "What the last test said, in a sentence; empty before the first.",
            "last_check_ok": "Whether the last test went well; null before the first.",
            "last_checked_at": "When it was last tested; null if never.",
            "name": "What it is called.",
            "provider_type": "Whose API it speaks.",
        }


class ProviderCreateSerializer(serializers.Serializer[Any]):
    """A new provider: the tenant's own (`provider_type`), or the platform's (`global_provider_id`)."""

    name = serializers.CharField(max_length=100, required=False, help_text="What it is called; left out: by its kind.")
    provider_type = serializers.ChoiceField(
        choices=ProviderType.choices, required=False, help_text="Whose API it speaks."
    )
    global_provider_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="A provider of the platform to use, in place of one of your own; null: your own.",
    )
    api_key = serializers.CharField(
        max_length=MAX_KEY,
        required=False,
        allow_blank=True,
        allow_null=True,
        write_only=True,
        help_text="The key for the vendor; it is kept encrypted and never shown again. Null or left out: none.",
    )
    config = ConfigField(required=False, help_text=_CONFIG_HELP)
    is_default = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether bots that name no provider use it; null: if it is the first one.",
    )
    confirm = serializers.BooleanField(source="confirmed", required=False, default=False, help_text=_CONFIRM_HELP)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what this way of adding a provider needs."""
        global_id, api_key = attrs.pop("global_provider_id", None), attrs.pop("api_key", None)
        if global_id is not None:
            if api_key:
                raise serializers.unacceptable(api_key="The platform's provider has its own key.")
            return {**attrs, "global_id": global_id}
        missing = [name for name in ("name", "provider_type") if not attrs.get(name)]
        if missing:
            raise serializers.unacceptable(**dict.fromkeys(missing, "This is needed without `global_provider_id`."))
        return {**attrs, "api_key": api_key or ""}


class ProviderUpdateSerializer(serializers.Serializer[Any]):
    """What may be changed of a provider; what is absent stays."""

    name = serializers.CharField(max_length=100, required=False, help_text="What it is called.")
    api_key = serializers.CharField(
        max_length=MAX_KEY,
        required=False,
        allow_blank=True,
        allow_null=True,
        write_only=True,
        help_text="Empty keeps the stored key, null takes it out.",
    )
    config = ConfigField(required=False, help_text=f"Replaces the whole config. {_CONFIG_HELP}")
    is_active = serializers.BooleanField(required=False, help_text="Whether it can be used.")
    is_default = serializers.BooleanField(required=False, help_text="Whether bots that name no provider use it.")
    confirm = serializers.BooleanField(source="confirmed", required=False, help_text=_CONFIRM_HELP)


class ProviderQuery(serializers.Serializer[Any]):
    """Narrows down providers."""

    search = serializers.CharField(max_length=100, required=False, help_text="Part of the name.")
    provider_type = serializers.ChoiceField(
        choices=ProviderType.choices, required=False, help_text="Only those that speak this API."
    )
    is_active = serializers.BooleanField(
        required=False, help_text="Only those that are switched on, or only those that are off."
    )


class ModelsQuery(serializers.Serializer[Any]):
    """Whom to ask for models."""

    live = serializers.BooleanField(required=False, help_text="Ask the vendor too.")


class ProviderTestSerializer(serializers.Serializer[Any]):
    """Which model to try; the first one known if none is named."""

    model = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="The model to ask; empty: one that the provider lists.",
    )


class CheckResultSerializer(serializers.Serializer[Any]):
    """How a real, tiny call went, in a sentence."""

    ok = serializers.BooleanField(help_text="Whether it answered.")
    detail = serializers.CharField(help_text="What came of it, in a sentence.")
    model = serializers.CharField(help_text="The model that was asked.")
    milliseconds = serializers.IntegerField(help_text="How long the answer took.")
    code = serializers.CharField(allow_null=True, help_text="The error's code when it failed.")


class PriceField(serializers.DecimalField):
    """US dollars for a million tokens, with as many digits as there are; null means unknown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, allow_null=True, **options)


class ModelInfoSerializer(serializers.Serializer[Any]):
    """What is known of one model; null means unknown. Prices are US dollars per million tokens."""

    id = serializers.CharField(help_text="The model's name at the provider.")
    kind = serializers.ChoiceField(choices=["chat", "embedding"], help_text="What it is for.")
    context_tokens = serializers.IntegerField(
        allow_null=True, help_text="How many tokens fit into prompt and answer together; null: unknown."
    )
    supports_temperature = serializers.BooleanField(
        source="profile.temperature", help_text="Whether a temperature can be set."
    )
    supports_vision = serializers.BooleanField(source="profile.images", help_text="Whether it can look at pictures.")
    supports_files = serializers.BooleanField(
        source="profile.files", help_text="Whether it reads documents, such as PDF."
    )
    supports_tools = serializers.BooleanField(source="profile.tools", help_text="Whether it calls tools.")
    supports_json = serializers.BooleanField(
        source="profile.json", help_text="Whether it answers with a JSON object of any shape."
    )
    supports_output_schema = serializers.BooleanField(
        source="profile.output_schema", help_text="Whether it answers with JSON of a given schema."
    )
    reasons = serializers.BooleanField(
        source="profile.thinks", help_text="It spends a part of max_tokens on thoughts not shown."
    )
    small = serializers.BooleanField(
        source="profile.small",
        help_text="It has few parameters: its prompts have shorter rules, without marks to cite by and examples.",
    )
    cache = serializers.ChoiceField(
        choices=get_args(CacheKind),
        source="profile.cache",
        help_text="How its vendor keeps the beginning of a prompt: `prefix` by itself, `explicit` where it is told to.",
    )
    max_tokens_name = serializers.ChoiceField(
        choices=get_args(MaxTokensName),
        source="profile.max_tokens_name",
        help_text="What the limit of an answer is called in a request of OpenAI's format.",
    )
    dims = serializers.IntegerField(
        allow_null=True, help_text="How many numbers an embedding has; null for chat models."
    )
    max_batch = serializers.IntegerField(
        allow_null=True,
        help_text=(
            "How many texts are embedded by one request at most; null for chat models, and where it is unknown."
        ),
    )
    input_price = PriceField(help_text="What a million tokens of prompt cost, in US dollars; null: unknown.")
    output_price = PriceField(help_text="What a million tokens of answer cost, in US dollars; null: unknown.")
    cache_read_price = PriceField(
        help_text="What a million tokens of prompt cost that are read from the vendor's cache; null: as others."
    )
    cache_write_price = PriceField(
        help_text="What a million tokens of prompt cost that are written to the vendor's cache; null: as others."
    )
    reasoning_price = PriceField(help_text="What a million tokens of thoughts cost; null: as the rest of the answer.")


class ProviderModelsSerializer(serializers.Serializer[Any]):
    """The models of a provider."""

    listed_by = serializers.ChoiceField(
        choices=["us", "vendor", "both"],
        help_text=(
            "`us`: the config's, else the usual ones of the vendor. `vendor`: it was asked just now. `both`: what we "
            "know first, then what only the vendor lists."
        ),
    )
    models = ModelInfoSerializer(many=True, help_text="The models that can be used.")


class AvailableProviderSerializer(serializers.ModelSerializer[GlobalAIProvider]):
    """A provider that the platform lends; send its id as `global_provider_id` to use it."""

    has_key = serializers.BooleanField(read_only=True, help_text="False: it cannot answer yet.")
    models = serializers.SerializerMethodField(help_text="The names of the models that the platform lists.")

    class Meta:
        model = GlobalAIProvider
        fields = ["id", "name", "provider_type", "has_key", "models", "is_default"]
        read_only_fields = fields
        help_texts = {
            "is_default": "Whether it is the one that the platform recommends.",
            "name": "What it is called.",
            "provider_type": "Whose API it speaks.",
        }

    def get_models(self, provider: GlobalAIProvider) -> list[str]:
        """The names of the models that the platform lists."""
        return listed_models(provider.settings)


class AvailableListSerializer(serializers.Serializer[Any]):
    """All that the platform lends to this tenant."""

    results = AvailableProviderSerializer(many=True, help_text="The providers of the platform that the tenant may use.")
