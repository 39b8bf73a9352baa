"""The adapter to OpenAI itself."""

from __future__ import annotations

from providers.adapters._models import find
from providers.adapters._openai_wire import OpenAIWireAdapter
from providers.adapters.openai.models import CATALOGUE, UNKNOWN
from providers.types import AdapterFeatures, ModelInfo


class OpenAIAdapter(OpenAIWireAdapter):
    """Speaks to OpenAI through the official SDK."""

    kind = "openai"
    features = AdapterFeatures(remote=True, embeddings=True, needs_key=True, accepts_base_url=True)
    default_base_url = "https://api.openai.com/v1"

    def describe(self, model: str) -> ModelInfo:
        """Return what is known of a model; an unknown one is taken for a new one that reasons."""
        return find(CATALOGUE, model, UNKNOWN)
