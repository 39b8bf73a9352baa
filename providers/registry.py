"""Knows every adapter by kind. A new provider is one folder and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from chatcms.core.errortext import ErrorText
from providers.base import Adapter
from providers.exceptions import ProviderMisconfigured
from providers.types import AdapterFeatures, ProviderConfig

# kind -> "module:class"; imported at first use, since a vendor's SDK costs tens of megabytes
ADAPTERS: dict[str, str] = {
    "openai": "providers.adapters.openai.adapter:OpenAIAdapter",
    "anthropic": "providers.adapters.anthropic.adapter:AnthropicAdapter",
    "openai_compatible": "providers.adapters.openai_compatible.adapter:OpenAICompatibleAdapter",
    "local": "providers.adapters.local.adapter:LocalAdapter",
}


def adapter_class(kind: str) -> type[Adapter]:
    """Import the adapter of a kind. Raises `ProviderMisconfigured` for an unknown kind."""
    if kind not in ADAPTERS:
        raise ProviderMisconfigured(ErrorText("There is no provider type called %(kind)s.", kind=f"{kind!r}"))
    module_name, class_name = ADAPTERS[kind].split(":")
    return cast("type[Adapter]", getattr(import_module(module_name), class_name))


def build_adapter(config: ProviderConfig) -> Adapter:
    """Build the adapter that `config.kind` names. Cheap: no connection is made and no SDK client built.

    Raises `ProviderMisconfigured` when a key or address that this kind needs is missing or malformed.
    """
    return adapter_class(config.kind)(config)


def features_of(kind: str) -> AdapterFeatures:
    """Return what the adapter of a kind can do."""
    return adapter_class(kind).features
