"""Takes the body of an answer apart: the events of a stream, or the one document of a server that knows no streams."""

from __future__ import annotations

from providers.adapters._lenient import loads
from providers.adapters._sse import MAX_EVENT_BYTES, EventParser, EventTooLargeError

_BOM = b"\xef\xbb\xbf"
# No line of an event stream begins so
_DOCUMENT = (b"{", b"[")


class AnswerBody:
    """Gives the events as they come; a document only when it is complete, whatever its type is called."""

    def __init__(self) -> None:
        self._beginning: bytes | None = b""
        self._parser = EventParser()
        self._document: bytearray | None = None

    @property
    def is_document(self) -> bool:
        """Whether the body is one document."""
        return self._document is not None

    def feed(self, received: bytes) -> list[bytes]:
        """Return the events that one read completed, or the document. Raises `EventTooLargeError`."""
        if self._beginning is not None:
            received = self._beginning + received
            first = received.removeprefix(_BOM).lstrip()
            if not first or _BOM.startswith(first):
                self._beginning = received[-MAX_EVENT_BYTES:].lstrip()
                return []
            self._beginning = None
            self._document = bytearray() if first.startswith(_DOCUMENT) else None
            received = first
        if self._document is None:
            return self._parser.feed(received)
        self._document += received
        if len(self._document) > MAX_EVENT_BYTES:
            raise EventTooLargeError
        return [bytes(self._document)] if self._is_complete(received) else []

    def finish(self) -> list[bytes]:
        """Return what the sender left without an end."""
        return self._parser.finish() if self._document is None else [bytes(self._document)]

    def _is_complete(self, received: bytes) -> bool:
        """Whether the document can be read as it is: not every server closes the connection after it."""
        if self._document is None or not received.rstrip().endswith((b"}", b"]")):
            return False
        try:
            loads(bytes(self._document))
        except ValueError:
            return False
        return True
