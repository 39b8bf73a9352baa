"""Pictures for tests, and what only says that it is one."""

from __future__ import annotations

import struct
import zlib


def png(*, side: int = 64, color: tuple[int, int, int] = (15, 118, 110)) -> bytes:
    """A square of one colour that every browser shows."""
    rows = (b"\0" + bytes(color) * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# The beginnings by which the kinds are known.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(32)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24)
SVG = b'<?xml version="1.0"?>\n<!-- drawn -->\n<SVG xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></SVG>'
