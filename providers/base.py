"""The one interface that every adapter implements, and the way to call it from synchronous code."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar, Protocol

from providers.messages import StreamEvent
from providers.profiles import ModelProfile
from providers.types import (
    AdapterFeatures,
    ChatRequest,
    CheckResult,
    EmbedKind,
    ModelInfo,
    ModelKind,
    ProviderConfig,
)


class Adapter(Protocol):
    """A translator to one vendor. All errors are of the family in `providers.exceptions`.

    An adapter is cheap to build and holds no connection of its own: connections are pooled per
    address and key within the running event loop and outlive the adapter.
    """

    kind: ClassVar[str]
    features: ClassVar[AdapterFeatures]

    def __init__(self, config: ProviderConfig) -> None: ...

    def stream_chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield the parts of the answer as they come, and then exactly one `Finish`.

        Each part is a `PartStart`, its `PartDelta`s and a `PartEnd`. Where the vendor counts before the end, a `Tally`
        comes in between. Raises `ModelCannotError` before anything is sent when the request asks for more than the
        model can do.
        Closing the generator (`aclose()`, or cancelling the task that reads it) closes the upstream
        connection at once. Retries once, and only before the first token. After the first token a
        failure is `ProviderStreamInterrupted`, or `ProviderTimeout` for a stall.
        """
        ...

    async def embed(self, *, model: str, texts: Sequence[str], kind: EmbedKind) -> list[list[float]]:
        """Return one vector per text, in order, batched to the vendor's limit; a batch that it refuses is halved.

        Raises `ProviderPromptTooLong` where one text alone is longer than the model reads.
        """
        ...

    def embed_sync(self, *, model: str, texts: Sequence[str], kind: EmbedKind) -> list[list[float]]:
        """Do as `embed`, from a thread in which no event loop runs (a Celery worker)."""
        ...

    async def list_models(self) -> list[ModelInfo]:
        """Ask the vendor which models this key may use; what is known of each comes with it.

        The length of a prompt is what the vendor says, if it does. Raises `ProviderCannotList` for one without a list.
        """
        ...

    def describe(self, model: str) -> ModelInfo:
        """Return what is known of a model, without a call."""
        ...

    async def check(self, model: str, *, kind: ModelKind = "chat", profile: ModelProfile | None = None) -> CheckResult:
        """Make a real, tiny call; never raises a `ProviderError`, but tells it in a sentence."""
        ...

    async def aclose(self) -> None:
        """Close the pooled connections of this address and key in the running loop."""
        ...
