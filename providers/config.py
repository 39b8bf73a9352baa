"""Reads and checks a provider's `config`: its address and what it says about its models.

    {"base_url": "https://llm.example.com/v1",
     "models": ["llama-3.1-8b", {"id": "e5-small", "kind": "embedding", "dims": 384}],
     "timeouts": {"first_word": 120}}

`stream_options: false` is for servers that reject that member of a request, `timeouts` is as `providers.timeouts`
reads it. What a tenant sends is checked
strictly by `checked`; what plain SQL wrote is read leniently by the rest. A provider that the platform lends has a
config in the platform's row only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, get_args
from urllib.parse import urlsplit, urlunsplit

from chatcms.core.errortext import ErrorText
from providers import addresses
from providers.enums import ProviderType
from providers.exceptions import ProviderSettingsError
from providers.profiles import CacheKind, MaxTokensName
from providers.timeouts import checked_timeouts
from providers.types import ModelInfo, ModelKind

KEYS = ("base_url", "models", "stream_options", "timeouts")
MAX_MODELS = 200
MAX_MODEL_NAME = 200
MAX_URL = 500
MAX_NUMBER = 100_000_000
MAX_PRICE_DECIMALS = 12
_MAX_PRICE_LENGTH = 40

_NUMBERS = ("context_tokens", "dims", "max_batch")
_PRICES = ("input_price", "output_price", "cache_read_price", "cache_write_price", "reasoning_price")
# How a config calls what a model can do, and what `ModelProfile` calls it
_ABILITIES = {
    "supports_temperature": "temperature",
    "supports_vision": "images",
    "supports_files": "files",
    "supports_tools": "tools",
    "supports_json": "json",
    "supports_output_schema": "output_schema",
    "reasons": "thinks",
    "small": "small",
    "cache": "cache",
    "max_tokens_name": "max_tokens_name",
}
_WORDS: dict[str, tuple[str, ...]] = {
    "kind": get_args(ModelKind),
    "cache": get_args(CacheKind),
    "max_tokens_name": get_args(MaxTokensName),
}
_FLAGS = tuple(name for name in _ABILITIES if name not in _WORDS)
FACTS = (*(field.name for field in fields(ModelInfo) if field.name != "profile"), *_ABILITIES)
_ORIGIN = re.compile(r"\A[a-z]+://[^/?#]*")


def base_url_of(config: Mapping[str, Any]) -> str | None:
    """Return the address that the config names, None when it names none."""
    raw = config.get("base_url")
    return raw.strip() or None if isinstance(raw, str) else None


def origin_of(config: Mapping[str, Any]) -> str:
    """Return scheme, host and port of the config's address, "" for the vendor's: whom a key is sent to."""
    raw = config.get("base_url")
    found = _ORIGIN.match(raw.strip().lower()) if isinstance(raw, str) else None
    return found[0] if found else ""


def listed_models(config: Mapping[str, Any]) -> list[str]:
    """Return the ids of the models that the config lists, in its order."""
    return [str(entry["id"]) for entry in _entries(config)]


def with_overrides(info: ModelInfo, config: Mapping[str, Any]) -> ModelInfo:
    """Return what is known of a model, with what the config says of it in place of what the adapter knows."""
    entry = next((entry for entry in _entries(config) if entry["id"] == info.id), {})
    facts: dict[str, Any] = {}
    for name in FACTS:
        if name == "id" or entry.get(name) is None:
            continue
        with suppress(ProviderSettingsError):  # what plain SQL wrote may be anything
            fact = _checked_fact(name, entry[name], name)
            facts[name] = Decimal(fact) if name in _PRICES else fact
    abilities = {_ABILITIES[name]: facts.pop(name) for name in list(facts) if name in _ABILITIES}
    if abilities.get("thinks"):  # the vendors' name for the limit of a model that reasons
        abilities.setdefault("max_tokens_name", "max_completion_tokens")
    return replace(info, profile=replace(info.profile, **abilities), **facts)


def checked(config: Any, *, kind: str) -> dict[str, Any]:
    """Return a tenant's `config` as it is stored; raise `ProviderSettingsError` that points to a fault."""
    if not isinstance(config, Mapping):
        raise ProviderSettingsError("Send the config as an object.", pointer="/config")
    for key in config:
        if key not in KEYS:
            raise ProviderSettingsError(
                ErrorText("There is no such setting. Use %(keys)s.", keys=", ".join(KEYS)), pointer=f"/config/{key}"
            )
    stored: dict[str, Any] = {}
    if config.get("base_url") not in (None, ""):
        stored["base_url"] = _checked_url(config["base_url"], kind=kind)
    if config.get("models") is not None and (models := _checked_models(config["models"])):
        stored["models"] = models
    if config.get("stream_options") is not None:
        if not isinstance(config["stream_options"], bool):
            raise ProviderSettingsError("Send true or false.", pointer="/config/stream_options")
        stored["stream_options"] = config["stream_options"]
    if config.get("timeouts") is not None and (timeouts := _checked_timeouts(config["timeouts"], kind=kind)):
        stored["timeouts"] = timeouts
    return stored


def _entries(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    models = config.get("models")
    if not isinstance(models, list):
        return []
    entries = [{"id": model} if isinstance(model, str) else model for model in models]
    return [entry for entry in entries if isinstance(entry, dict) and entry.get("id")]


def _checked_timeouts(value: Any, *, kind: str) -> dict[str, int]:
    timeouts = checked_timeouts(value)
    if timeouts and kind == ProviderType.LOCAL:
        raise ProviderSettingsError("The built-in provider is never waited for.", pointer="/config/timeouts")
    return timeouts


def _checked_url(value: Any, *, kind: str) -> str:
    pointer = "/config/base_url"
    if kind == ProviderType.LOCAL:
        raise ProviderSettingsError("The built-in provider has no address.", pointer=pointer)
    if not isinstance(value, str) or len(value) > MAX_URL or not value.strip().isprintable():
        raise ProviderSettingsError(
            ErrorText("An address has up to %(most)s characters.", most=MAX_URL), pointer=pointer
        )
    try:
        parts = urlsplit(value.strip())
        port = parts.port
    except ValueError:
        raise ProviderSettingsError("This is not an address.", pointer=pointer) from None
    whole = parts.scheme.lower() in {"https", "http"} and parts.hostname and port != 0
    if not whole or " " in value.strip():
        raise ProviderSettingsError("Send a whole address, such as https://llm.example.com/v1.", pointer=pointer)
    if addresses.is_azure(value) and (parts.query or addresses.is_azure_deployment(value)):
        raise ProviderSettingsError(addresses.AZURE_CURE, pointer=pointer)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ProviderSettingsError(
            "The address must hold no user, password, query or fragment. Send the key as `api_key`.",
            pointer=pointer,
        )
    return addresses.cleaned(urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, "", "")))


def _checked_models(value: Any) -> list[Any]:
    pointer = "/config/models"
    if not isinstance(value, list) or len(value) > MAX_MODELS:
        raise ProviderSettingsError(
            ErrorText("Send the models as a list of up to %(most)s.", most=MAX_MODELS), pointer=pointer
        )
    checked_entries = [_checked_model(entry, f"{pointer}/{index}") for index, entry in enumerate(value)]
    names = [entry if isinstance(entry, str) else entry["id"] for entry in checked_entries]
    if len(set(names)) < len(names):
        raise ProviderSettingsError("A model is listed twice.", pointer=pointer)
    return checked_entries


def _checked_model(entry: Any, pointer: str) -> Any:
    if isinstance(entry, str):
        return _checked_name(entry, pointer)
    if not isinstance(entry, dict):
        raise ProviderSettingsError("Send a model's name, or an object with its `id`.", pointer=pointer)
    model: dict[str, Any] = {"id": _checked_name(entry.get("id"), f"{pointer}/id")}
    for name, value in entry.items():
        if name not in FACTS:
            raise ProviderSettingsError(
                ErrorText("There is no such fact of a model. Use %(facts)s.", facts=", ".join(FACTS)),
                pointer=f"{pointer}/{name}",
            )
        if name != "id" and value is not None:
            model[name] = _checked_fact(name, value, f"{pointer}/{name}")
    return model


def _checked_name(value: Any, pointer: str) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name or len(name) > MAX_MODEL_NAME or not name.isprintable():
        raise ProviderSettingsError(
            ErrorText("A model's name has 1 to %(most)s characters.", most=MAX_MODEL_NAME),
            pointer=pointer,
        )
    return name


def _checked_fact(name: str, value: Any, pointer: str) -> Any:
    if name in _NUMBERS and type(value) is int and 0 < value <= MAX_NUMBER:
        return value
    if name in _FLAGS and isinstance(value, bool):
        return value
    if name in _WORDS and isinstance(value, str) and value in _WORDS[name]:
        return value
    if name in _PRICES and (price := _price(value)) is not None:
        return price
    raise ProviderSettingsError(_EXPECTED.get(name, ErrorText("This value is not acceptable.")), pointer=pointer)


def _price(value: Any) -> str | None:
    """A price is kept as text, so that no cent is lost in a float."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    if len(text) > _MAX_PRICE_LENGTH:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    # The exponent first: `1e-100000000` is a short text and a number of a hundred million digits.
    exponent = price.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MAX_PRICE_DECIMALS or not 0 <= price <= MAX_NUMBER:
        return None
    return format(price, "f")


_EXPECTED = {
    **dict.fromkeys(_NUMBERS, ErrorText("Send a whole number from 1 to %(most)s.", most=MAX_NUMBER)),
    **dict.fromkeys(_FLAGS, ErrorText("Send true or false.")),
    **dict.fromkeys(_PRICES, ErrorText("Send US dollars per million tokens, 0 or more.")),
    **{name: ErrorText("Send %(words)s.", words=" or ".join(words)) for name, words in _WORDS.items()},
}
