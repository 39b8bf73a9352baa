"""Goes from a provider's row to its adapter: what is known of its models, and a real call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings

from chatcms.core.egress import EgressPolicy, EgressRefusedError, check_url
from providers import config as provider_settings
from providers.base import Adapter
from providers.enums import ProviderType
from providers.exceptions import ProviderError, ProviderModelNotFound, ProviderSettingsError
from providers.registry import build_adapter
from providers.types import CheckResult, ModelInfo, ProviderConfig

_COMMON_OPENAI_MODEL = "gpt-4o-mini"


def require_address(kind: str, config: Mapping[str, Any]) -> None:
    """Refuse an address that every call would be refused for, as far as its text tells.

    A kind without a vendor of its own must have one. Raises `ProviderSettingsError`.
    """
    base_url = provider_settings.base_url_of(kind, config)
    if base_url is None:
        if kind == ProviderType.OPENAI_COMPATIBLE:
            raise ProviderSettingsError("Send the server's address.", pointer="/config/base_url")
        return
    try:
        check_url(base_url, EgressPolicy(settings.EGRESS_PRIVATE_HOSTS))
    except EgressRefusedError as error:
        raise ProviderSettingsError(
            f"{error.detail} The operator allows a private host with EGRESS_PRIVATE_HOSTS=host:port.",
            pointer="/config/base_url",
        ) from error


@dataclass(frozen=True, slots=True)
class Access:
    """The way to one provider: what its adapter needs, and what its config says of its models.

    A plain value: it needs no database and no tenant, so that async code may carry it. Everything it calls
    raises `ProviderMisconfigured` when a key or address that the kind needs is missing or malformed.
    """

    config: ProviderConfig
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, kind: str, facts: Mapping[str, Any], *, api_key: str) -> Access:
        """Make the way to a provider of a `kind`, with the private hosts that the operator allows."""
        config = ProviderConfig(
            kind=kind,
            api_key=api_key,
            base_url=provider_settings.base_url_of(kind, facts),
            allow_private_hosts=settings.EGRESS_PRIVATE_HOSTS,
        )
        return cls(config, facts)

    def listing(self, facts: Mapping[str, Any]) -> Access:
        """Return the same way with the models that `facts` lists, if it lists any."""
        return replace(self, facts=facts) if provider_settings.listed_models(facts) else self

    def adapter(self) -> Adapter:
        """Return the adapter; cheap."""
        return build_adapter(self.config)

    def model_info(self, model: str) -> ModelInfo:
        """Return what is known of a model, without a call; what the provider's own config says goes first."""
        return provider_settings.with_overrides(self.adapter().describe(model), self.facts)

    def listed_models(self) -> list[ModelInfo]:
        """Return the models that the provider's config lists, without a call."""
        return [self.model_info(model) for model in provider_settings.listed_models(self.facts)]

    def vendor_models(self) -> list[ModelInfo]:
        """Ask the vendor which models the key may use. Raises the `ProviderError` that says why not.

        For synchronous code, outside of a transaction: a call may take a minute.
        """
        found = async_to_sync(self.adapter().list_models)()
        return [provider_settings.with_overrides(info, self.facts) for info in found]

    def check(self, model: str = "") -> CheckResult:
        """Make a real, tiny call with `model`, or with the first one known, and explain how it went.

        For synchronous code, outside of a transaction: a call may take a minute.
        """
        return async_to_sync(self._check)(model)

    async def _check(self, model: str) -> CheckResult:
        try:
            tried = self.model_info(model) if model else await self._model_to_try()
        except ProviderError as error:
            return CheckResult(ok=False, detail=error.detail, model=model, milliseconds=0, code=error.code)
        return await self.adapter().check(tried.id, kind=tried.kind)

    async def _model_to_try(self) -> ModelInfo:
        known = self.listed_models()
        if not known and self.config.kind == ProviderType.OPENAI:
            return self.model_info(_COMMON_OPENAI_MODEL)  # its list begins with models that do not chat
        known = known or await self.adapter().list_models()
        if not known:
            raise ProviderModelNotFound("The provider offers no model. List one in its settings.")
        return next((info for info in known if info.kind == "chat"), known[0])
