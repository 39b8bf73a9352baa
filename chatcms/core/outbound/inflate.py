"""Unpacks the body of an answer that a server has compressed although nobody asked for that."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator

_GZIP = zlib.MAX_WBITS | 16
_RAW = -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_STEP = 256 * 1024
# What servers write there that compresses nothing
PLAIN = frozenset({b"", b"identity", b"none", b"utf-8", b"utf8"})
_GZIPPED = frozenset({b"gzip", b"x-gzip"})


class InflateError(ValueError):
    """The bytes are not what their encoding says, or it is one that this cannot unpack."""


class Inflater:
    """Unpacks gzip, of one member or several, and deflate in its two forms, in steps of a bounded size."""

    def __init__(self, encoding: bytes) -> None:
        """Raise `InflateError` for an encoding that cannot be unpacked."""
        if encoding not in _GZIPPED and encoding != b"deflate":
            raise InflateError
        self._gzipped = encoding in _GZIPPED
        self._object = zlib.decompressobj(_GZIP) if self._gzipped else None
        self._has_begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what is unpacked, never more at once than a step; raise `InflateError`."""
        try:
            while data:
                self._has_begun = True
                data = yield from self._some(data)
        except zlib.error as error:
            raise InflateError from error

    @property
    def is_whole(self) -> bool:
        """Whether what was fed so far has come to its end, or nothing was."""
        return self._object is None or self._object.eof or not self._has_begun

    def _some(self, data: bytes) -> Generator[bytes, None, bytes]:
        """Unpack a part of the data; return the rest."""
        stream = self._object
        if stream is None or stream.eof:
            if stream is not None and not (self._gzipped and data.startswith(_GZIP_MAGIC)):
                return b""  # what follows the end is padding
            stream = self._object = zlib.decompressobj(self._window(data))
        piece = stream.decompress(data, _STEP)
        if piece:
            yield piece
        return stream.unconsumed_tail or stream.unused_data

    def _window(self, data: bytes) -> int:
        """Tell gzip, deflate as the standard has it (in a zlib wrapper), and deflate as some servers send it."""
        if self._gzipped:
            return _GZIP
        return zlib.MAX_WBITS if data[0] & 0x0F == zlib.DEFLATED and data[0] >> 4 <= 7 else _RAW
