"""Cuts a stream of bytes into server-sent events, however the network has cut them."""

from __future__ import annotations

MAX_EVENT_BYTES = 4 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class EventTooLargeError(ValueError):
    """An event is larger than any that a model sends."""


class EventParser:
    """Returns the `data` of each event as bytes; comments, ids and event names are left out.

    CR, LF and CR LF end a line, several `data` lines are joined by LF, and a character that is spread over
    two reads is whole again, since only whole lines leave. Where a sender leaves out the empty lines between its
    events, a JSON object that begins a line ends the one before.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._data: list[bytes] = []
        self._first = True

    def feed(self, received: bytes) -> list[bytes]:
        """Take what one read brought and return the events that it completed."""
        buffer = self._tail + received if self._tail else received
        if self._first:
            if len(buffer) < len(_BOM) and _BOM.startswith(buffer):
                self._tail = buffer
                return []
            buffer, self._first = buffer.removeprefix(_BOM), False
        # a CR at the very end may be the first half of CR LF
        end = len(buffer) - 1 if buffer.endswith(b"\r") else len(buffer)
        cut = max(buffer.rfind(b"\n", 0, end), buffer.rfind(b"\r", 0, end)) + 1
        self._tail = buffer[cut:]
        events = self._lines(buffer[:cut].splitlines())
        if len(self._tail) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise EventTooLargeError
        return events

    def finish(self) -> list[bytes]:
        """Return the last event, where the sender closed without the empty line after it."""
        events = self._lines([*self._tail.splitlines(), b""])
        self._tail = b""
        return events

    def _lines(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                data = line[6:] if line[5:6] == b" " else line[5:]
                if data.startswith((b"{", b"[DONE]")) and self._data and _is_object(self._data):
                    events.append(self._take())
                self._data.append(data)
            elif not line and self._data:
                events.append(self._take())
        return events

    def _take(self) -> bytes:
        data, self._data = self._data, []
        return data[0] if len(data) == 1 else b"\n".join(data)


def _is_object(lines: list[bytes]) -> bool:
    """Whether an object may end here: within one no line can begin another without a comma before."""
    return lines[0].startswith(b"{") and lines[-1].rstrip().endswith(b"}")
