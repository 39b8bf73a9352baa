"""How a provider's config looks, for whoever reads the API's description; what may be in it `providers.config` says."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from chatcms.core.api import serializers
from providers.config import MAX_MODEL_NAME, MAX_MODELS, MAX_URL, checked
from providers.timeouts import MOST

_MODEL_HELP = (
    "A model's name, or an object with its `id` and what is known of it: `kind`, `context_tokens`, "
    "`supports_temperature`, `supports_vision`, `supports_files`, `supports_tools`, `supports_json`, "
    "`supports_output_schema`, `reasons`, `small`, `cache`, `max_tokens_name`, `dims`, `max_batch`, and in "
    "US dollars per million tokens `input_price`, `output_price`, `cache_read_price`, `cache_write_price`, "
    "`reasoning_price`."
)
_LISTED_MODEL = {
    "description": _MODEL_HELP,
    "oneOf": [
        {"type": "string", "maxLength": MAX_MODEL_NAME},
        {
            "type": "object",
            "properties": {
                "id": {
                    "type": "string",
                    "maxLength": MAX_MODEL_NAME,
                    "description": "The model's name at the provider.",
                }
            },
            "required": ["id"],
            "additionalProperties": {},
        },
    ],
}


@extend_schema_field(_LISTED_MODEL)
class ListedModelField(serializers.Field[Any, Any, Any, Any]):
    """A model that a config lists."""


def _seconds(name: str, help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST[name], help_text=help_text
    )


class TimeoutsSerializer(serializers.Serializer[Any]):
    """How long a provider is waited for, in seconds; null or left out: as the platform has it."""

    first_word = _seconds("first_word", "Until the first word, while the model reads the prompt.")
    silence = _seconds("silence", "Between two words; then the answer counts as broken off.")
    total = _seconds("total", "For the whole answer; no less than `first_word`.")


class ProviderConfigSerializer(serializers.Serializer[Any]):
    """How a provider is reached and what it offers; nothing secret."""

    base_url = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=MAX_URL,
        help_text="The server's address, where the vendor's own is not meant.",
    )
    models = serializers.ListField(
        child=ListedModelField(),
        required=False,
        allow_null=True,
        max_length=MAX_MODELS,
        help_text="The models that it offers, each by its name or with what is known of it.",
    )
    stream_options = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="False for a server that rejects that member of a request.",
    )
    timeouts = TimeoutsSerializer(required=False, allow_null=True, help_text="How long it is waited for.")


@extend_schema_field(ProviderConfigSerializer)
class ConfigField(serializers.DictField):
    """A config as it is sent and stored."""

    child = serializers.JSONField(allow_null=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return it as it was sent; raise `ProviderSettingsError`, which points to what is wrong in it.

        What is wrong only for some provider, the service finds.
        """
        config: dict[str, Any] = super().to_internal_value(data)
        checked(config, kind="")
        return config
