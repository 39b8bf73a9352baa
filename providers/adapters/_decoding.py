"""What the decoders of all wire formats share: the parts so far, how the answer ended, and what it used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from providers.adapters._failures import from_event, is_error
from providers.adapters._lenient import loads
from providers.adapters._parts import PartWriter
from providers.exceptions import ProviderBadResponse
from providers.messages import FinishReason, StreamEvent, Usage

_LAST = frozenset({b"[DONE]", b"DONE"})


class Decoder(ABC):
    """Understands what one vendor sends of one answer, as events or as one document.

    `started` tells that the model has begun, if only to think; `done` that the vendor said that this was all.
    `reason` is set once the vendor has said how the answer ended: whatever follows may add to it, and not undo it.
    """

    def __init__(self) -> None:
        self.started = False
        self.done = False
        self.reason: FinishReason | None = None
        self.usage: Usage | None = None
        self.writer = PartWriter()

    def decode(self, data: bytes) -> None:
        """Take one event; one that says nothing is passed over, be it empty, `null`, `{}` or of an unknown kind.

        Raises `ProviderError`, or `ValueError` for what is no JSON.
        """
        data = data.strip()
        while data.startswith(b"data:"):  # some proxies put it there twice
            data = data[5:].lstrip()
        if not data:
            return
        if data.strip(b'"').upper() in _LAST:
            self._end()
            return
        event = loads(data)
        if isinstance(event, Mapping):
            if is_error(event):
                raise from_event(event)
            self._event(event)

    def decode_whole(self, data: bytes) -> None:
        """Take the whole answer as one document, as servers send it that know no streams; raises as `decode` does."""
        document = loads(data)
        if isinstance(document, list) and document:
            document = document[0]
        if not isinstance(document, Mapping):
            raise ProviderBadResponse()
        if is_error(document):
            raise from_event(document)
        self._whole(document)
        self._end()

    @abstractmethod
    def _event(self, event: Mapping[str, Any]) -> None:
        """Take one event of a stream."""

    @abstractmethod
    def _whole(self, document: Mapping[str, Any]) -> None:
        """Take the answer as one document. Raises `ProviderBadResponse` for what is none."""

    def take(self) -> list[StreamEvent]:
        """Return what was understood since the last time."""
        return self.writer.take()

    def finish(self) -> None:
        """The answer is complete, and so are its parts."""
        self.writer.end()

    def _end(self) -> None:
        self.done = True
        self.reason = self.reason or "stop"
