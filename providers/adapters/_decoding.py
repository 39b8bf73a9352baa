"""What the decoders of all wire formats share: the parts so far, how the answer ended, and what it used."""

from __future__ import annotations

from abc import ABC, abstractmethod

from providers.adapters._parts import PartWriter
from providers.messages import FinishReason, StreamEvent, Usage


class Decoder(ABC):
    """Understands what one vendor sends of one answer, as events or as one document.

    `started` tells that the model has begun, if only to think; `done` that the vendor said that this was all.
    """

    def __init__(self) -> None:
        self.started = False
        self.done = False
        self.reason: FinishReason | None = None
        self.usage: Usage | None = None
        self.writer = PartWriter()

    @abstractmethod
    def decode(self, data: bytes) -> None:
        """Take one event. Raises `ProviderError`, or what comes of reading a malformed document."""

    @abstractmethod
    def decode_whole(self, data: bytes) -> None:
        """Take the whole answer as one document, as servers send it that know no streams; raises as `decode` does."""

    def take(self) -> list[StreamEvent]:
        """Return what was understood since the last time."""
        return self.writer.take()

    def finish(self) -> None:
        """The answer is complete, and so are its parts."""
        self.writer.end()
