"""Goes from a provider's row to its adapter: what is known of its models, and a real call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings

from chatcms.core.errortext import ErrorText
from chatcms.core.outbound.egress import EgressPolicy, EgressRefusedError, Purpose, check_url
from providers import config as provider_settings
from providers.base import Adapter
from providers.enums import ProviderType
from providers.exceptions import (
    ProviderError,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderSettingsError,
)
from providers.learned import Learned, Listed, VendorList, as_listed, listed_by_vendor, within_limit
from providers.registry import build_adapter
from providers.timeouts import timeouts_of
from providers.types import CheckResult, ModelInfo, ProviderConfig

# What the built-in provider calls its own model; a bot that names it stays with that provider
LOCAL_MODEL = "local"
# Models to offer and to try where a provider's config lists none
USUAL_MODELS: dict[str, tuple[str, ...]] = {
    ProviderType.OPENAI: ("gpt-4o-mini", "gpt-5.4-mini", "gpt-4", "gpt-3.5-turbo", "text-embedding-3-small"),
    ProviderType.LOCAL: (LOCAL_MODEL,),
    ProviderType.ANTHROPIC: ("claude-haiku-4-5", "claude-sonnet-4-5", "claude-sonnet-5-5"),
}
# Where these models are: another address under the same type is a gateway with models of its own
_VENDORS: dict[str, str] = {
    ProviderType.OPENAI: "https://api.openai.com",
    ProviderType.ANTHROPIC: "https://api.anthropic.com",
}


def require_address(kind: str, config: Mapping[str, Any]) -> None:
    """Refuse an address that every call would be refused for, as far as its text tells.

    A kind without a vendor of its own must have one. Raises `ProviderSettingsError`.
    """
    base_url = provider_settings.base_url_of(config)
    if base_url is None:
        if kind == ProviderType.OPENAI_COMPATIBLE:
            raise ProviderSettingsError("Send the server's address.", pointer="/config/base_url")
        return
    try:
        check_url(base_url, EgressPolicy.of(Purpose.PROVIDER))
    except EgressRefusedError as error:
        raise ProviderSettingsError(error.detail, pointer="/config/base_url") from error


@dataclass(frozen=True, slots=True)
class ProviderRef:
    """Names the row of a provider: one of the tenant in force, or of the platform."""

    id: UUID
    is_lent: bool


@dataclass(frozen=True, slots=True)
class Access:
    """The way to one provider: what its adapter needs, and what its config and its vendor say of its models.

    A plain value: it needs no database and no tenant, so that async code may carry it.
    `listed_only` closes the list: a model that the config does not name is refused before any call. `ref` is where to
    remember what is learned of it.
    """

    config: ProviderConfig
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    listed_only: bool = False
    learned: Learned = field(default_factory=dict, repr=False)
    ref: ProviderRef | None = None

    @classmethod
    def build(
        cls,
        kind: str,
        facts: Mapping[str, Any],
        *,
        api_key: str,
        learned: Learned = MappingProxyType({}),
        ref: ProviderRef | None = None,
    ) -> Access:
        """Make the way to a provider of a `kind`, with the private hosts that the operator allows."""
        config = ProviderConfig(
            kind=kind,
            api_key=api_key,
            base_url=provider_settings.base_url_of(facts),
            extra=_extra(kind, facts),
            allow_private_hosts=settings.EGRESS_PRIVATE_HOSTS,
            timeouts=timeouts_of(facts),
        )
        return cls(config, facts, learned=learned, ref=ref)

    def offers(self, model: str) -> bool:
        """Say whether the model may be called here: what is not in a closed list may not, nor the built-in model.

        No vendor is ever asked for `local`, unless its config lists a model of that name.
        """
        if self.listed_only or (model == LOCAL_MODEL and self.config.kind != ProviderType.LOCAL):
            return model in provider_settings.listed_models(self.facts)
        return True

    def may_be_chosen(self, model: str) -> bool:
        """Say whether a bot may be set to the model: the built-in provider answers any name, but has one model only.

        A list in a tenant's own config is what it offers, not all that there is: the vendor says no to the rest.
        """
        return model == LOCAL_MODEL if self.config.kind == ProviderType.LOCAL else self.offers(model)

    def adapter(self) -> Adapter:
        """Return the adapter; cheap. Raises `ProviderMisconfigured` when its key or address is not usable."""
        return build_adapter(self.config)

    def model_info(self, model: str) -> ModelInfo:
        """Return what is known of a model, without a call.

        What the provider's own config says goes before what its vendor lists, and that before what the adapter knows.
        More context than the vendor has shown it to have a model never has.

        Raises `ProviderMisconfigured` as `adapter` does, and for a model that may not be called here.
        """
        if not self.offers(model):
            raise ProviderMisconfigured(
                ErrorText("This provider has no model “%(model)s”. Choose one that it has.", model=model)
            )
        listed = as_listed(self.adapter().describe(model), self.learned)
        return within_limit(provider_settings.with_overrides(listed, self.facts), self.learned)

    def known_models(self) -> list[ModelInfo]:
        """Return the models that the config lists, else the usual ones of the vendor, without a call.

        None are known of a gateway: of a vendor's type, but at an address of its own. Also for a provider that has no
        key yet. Raises `ProviderMisconfigured` for an unusable address.
        """
        names = provider_settings.listed_models(self.facts) or self._usual_models()
        keyed = replace(self, config=replace(self.config, api_key=self.config.api_key or "none"))
        return [keyed.model_info(name) for name in names]

    def _usual_models(self) -> Sequence[str]:
        origin, kind = provider_settings.origin_of(self.facts), self.config.kind
        return USUAL_MODELS.get(kind, ()) if origin in ("", _VENDORS.get(kind)) else ()

    def chat_models(self) -> list[str]:
        """Return the chat models to offer: those that are known, and where none is those that the vendor lists."""
        names = [info.id for info in self.known_models() if info.kind == "chat"]
        if names or self.listed_only:
            return names
        listed = [as_listed(ModelInfo(name), self.learned) for name in listed_by_vendor(self.learned)]
        return [info.id for info in listed if info.kind == "chat"]

    def fitting_model(self, wanted: str) -> str:
        """Return `wanted` if this provider is known to have it, else its first chat model, else `wanted`."""
        chat = self.chat_models()
        return wanted if wanted in chat or not chat else chat[0]

    def vendor_list(self) -> VendorList:
        """Ask the vendor which models the key may use. Raises the `ProviderError` that says why not.

        For synchronous code, outside of a transaction: a call may take a minute.
        """
        return async_to_sync(self._vendor_list)()

    def listing(self) -> VendorList | None:
        """Do as `vendor_list`; None where the vendor cannot say, or there is none."""
        if self.config.kind == ProviderType.LOCAL:
            return None
        try:
            return self.vendor_list()
        except ProviderError:
            return None

    def known_from(self, listing: VendorList) -> list[ModelInfo]:
        """Return what is known of the models that the vendor lists and that may be called here."""
        found = [provider_settings.with_overrides(one.told, self.facts) for one in listing if self.offers(one.told.id)]
        return [within_limit(info, self.learned) for info in found]

    def check(self, model: str = "") -> CheckResult:
        """Make a real, tiny call with `model`, or with the first one known, and explain how it went.

        Raises no `ProviderError`. For synchronous code, outside of a transaction: a call may take a minute.
        """
        return async_to_sync(self._check)(model)

    async def _vendor_list(self) -> VendorList:
        async with self._closing() as adapter:
            return [Listed(info, adapter.describe(info.id)) for info in await adapter.list_models()]

    async def _check(self, model: str) -> CheckResult:
        try:
            async with self._closing() as adapter:
                tried = self.model_info(model) if model else await self._model_to_try(adapter)
                result = await adapter.check(tried.id, kind=tried.kind, profile=tried.profile)
        except ProviderError as error:
            return failed_check(error, model)
        return result

    async def _model_to_try(self, adapter: Adapter) -> ModelInfo:
        known = self.known_models() or await adapter.list_models()
        if not known:
            raise ProviderModelNotFound("The provider offers no model. List one in its settings.")
        return next((info for info in known if info.kind == "chat"), known[0])

    @asynccontextmanager
    async def _closing(self) -> AsyncIterator[Adapter]:
        """Lend the adapter and close its connections: a synchronous caller's loop may end with the call."""
        adapter = self.adapter()
        try:
            yield adapter
        finally:
            await adapter.aclose()


def failed_check(error: ProviderError, model: str) -> CheckResult:
    """Return the outcome of a check that failed before any call."""
    return CheckResult(ok=False, detail=error.detail, model=model, milliseconds=0, code=error.code)


def folders_of_models() -> dict[str, Any]:
    """Return where the built-in models are, as the local adapter's config has it in `extra`."""
    return {
        "model_dir": str(settings.LOCAL_MODEL_DIR),
        "multilingual_model_dir": str(settings.MULTILINGUAL_MODEL_DIR),
    }


def _extra(kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    if kind == ProviderType.LOCAL:
        return folders_of_models()
    return {name: facts[name] for name in ("stream_options",) if name in facts}
