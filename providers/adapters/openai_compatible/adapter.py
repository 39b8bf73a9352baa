"""The adapter to servers that speak OpenAI's API: Ollama, vLLM, llama.cpp, LM Studio, Groq, Azure."""

from __future__ import annotations

from providers.adapters._openai_wire import OpenAIWireAdapter
from providers.types import AdapterFeatures, ModelInfo

# Many local servers want none; the SDK wants one, and must not look for it in the environment
_PLACEHOLDER_KEY = "no-key"


class OpenAICompatibleAdapter(OpenAIWireAdapter):
    """Speaks to any server with OpenAI's API at `base_url`.

    `extra["stream_options"] = False` is for servers that reject that member; usage is then an estimate.
    Azure: give the address of its v1 API, `https://NAME.openai.azure.com/openai/v1`.
    """

    kind = "openai_compatible"
    features = AdapterFeatures(remote=True, embeddings=True, needs_key=False, accepts_base_url=True)
    max_tokens_name = "max_tokens"

    def _usable_key(self, key: str) -> str:
        return super()._usable_key(key) or _PLACEHOLDER_KEY

    def describe(self, model: str) -> ModelInfo:
        """Nothing is known of a model of somebody else's server but what all of them accept."""
        return ModelInfo(model, kind="embedding" if "embed" in model.lower() else "chat", max_batch=64)
