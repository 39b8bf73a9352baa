"""The adapter to servers that speak OpenAI's API: Ollama, vLLM, llama.cpp, LM Studio, Groq, Azure."""

from __future__ import annotations

import re
from dataclasses import replace

from providers.adapters._openai_decode import OpenAIDecoder
from providers.adapters._openai_wire import OpenAIWireAdapter
from providers.adapters._sizes import is_small_by_name
from providers.profiles import ModelProfile
from providers.types import AdapterFeatures, ChatRequest, ModelInfo

# Many local servers want none; the SDK wants one, and must not look for it in the environment
_PLACEHOLDER_KEY = "no-key"
# Models whose prompt may end with the opening tag of a thought, so that the answer holds the closing one only
_THINKERS = re.compile(r"\br1\b|qwq|think|reason|magistral|phi-4-mini-flash", re.IGNORECASE)
# What is asked of a server nobody told us about: pictures and files are for those models of which the config says so
_PROFILE = ModelProfile(tools=True, json=True, output_schema=True, cache="prefix")
# OpenAI's models that reason, as Azure and gateways serve them: the limit has another name, and there is no temperature
_REASONERS = re.compile(r"(?:^|/)o[1-9](?:$|[-.:@])|(?:^|[/_-])gpt-?5(?:$|[-.:@])", re.IGNORECASE)
_REASONER = replace(_PROFILE, temperature=False, thinks=True, max_tokens_name="max_completion_tokens")


class OpenAICompatibleAdapter(OpenAIWireAdapter):
    """Speaks to any server with OpenAI's API at `base_url`.

    `extra["stream_options"] = False` is for servers that reject that member; usage is then an estimate.
    Azure: give the address of its v1 API, `https://NAME.openai.azure.com/openai/v1`.
    """

    kind = "openai_compatible"
    features = AdapterFeatures(remote=True, embeddings=True, needs_key=False, accepts_base_url=True)

    def _usable_key(self, key: str) -> str:
        return super()._usable_key(key) or _PLACEHOLDER_KEY

    def describe(self, model: str) -> ModelInfo:
        """Nothing is known of a model of somebody else's server but what most of them accept."""
        if "embed" in model.lower():
            return ModelInfo(model, kind="embedding", max_batch=64)
        profile = _REASONER if _REASONERS.search(model) else _PROFILE
        return ModelInfo(model, max_batch=64, profile=replace(profile, small=is_small_by_name(model)))

    def decoder(self, request: ChatRequest) -> OpenAIDecoder:
        """Return what understands the answer; these servers send a model's thoughts as it writes them."""
        waits = bool(_THINKERS.search(request.model))
        if not _REASONERS.search(request.model):  # these keep their thoughts to themselves
            waits = waits or self.profile_for(request).thinks
        return OpenAIDecoder(waits_for_thoughts=waits)
