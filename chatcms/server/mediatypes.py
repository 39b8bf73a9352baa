"""Refuses decoders that the sender chose, before anything is decoded.

Python knows about a hundred text encodings, and some (`punycode`, `idna`) take quadratic time. The charset of the
request, the one of a part, and the one of an RFC 2231 parameter (`filename*=…''…`) all pick from them.
"""

from __future__ import annotations

import re
from typing import Final

from chatcms.server.exceptions import (
    MalformedRequestError,
    TooManyPartsError,
    UnsupportedCharsetError,
    UnsupportedEncodingError,
)

Headers = list[tuple[bytes, bytes]]

_CHARSETS: Final = {b"", b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_CODINGS: Final = {b"", b"identity"}
MAX_PARTS: Final = 1000
# Django reads no more of a part's head.
_MAX_PART_HEAD: Final = 8 * 1024
_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([^\s"';]*)""")
_BOUNDARY = re.compile(rb"[ -~]{0,200}[!-~]")


def values(headers: Headers, name: bytes) -> list[bytes]:
    """Return the values of the header, of which there may be several."""
    return [value.strip() for key, value in headers if key == name]


def check_headers(headers: Headers) -> None:
    """Raise for a body that is compressed, or whose description names a charset other than UTF-8 or contradicts itself.

    `UnsupportedEncodingError`, `UnsupportedCharsetError` or `MalformedRequestError`.
    """
    types, lengths = values(headers, b"content-type"), values(headers, b"content-length")
    if len(types) > 1 or len(lengths) > 1 or not all(length.isdigit() and len(length) < 19 for length in lengths):
        raise MalformedRequestError
    if any(coding.lower() not in {b"", b"chunked"} for coding in values(headers, b"transfer-encoding")):
        raise UnsupportedEncodingError
    if any(coding.lower() not in _CODINGS for coding in values(headers, b"content-encoding")):
        raise UnsupportedEncodingError
    for media_type in types:
        _check_media_type(media_type)


def boundary_of(headers: Headers) -> bytes | None:
    """Return what separates the parts of a form; None when the body has no parts."""
    media_type = b"".join(values(headers, b"content-type"))
    if not media_type.lower().startswith(b"multipart/"):
        return None
    found: list[bytes] = [
        value.strip().strip(b'"') for name, value in _PARAMETER.findall(media_type) if name.lower() == b"boundary"
    ]
    if len(found) != 1 or not _BOUNDARY.fullmatch(found[0]):
        raise MalformedRequestError
    return found[0]


class PartHeads:
    """Looks at the heads of a form's parts while the form arrives; the parts themselves pass unread."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"--" + boundary
        self._rest = b""
        self._parts = 0

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body; raise `UnsupportedCharsetError` or `TooManyPartsError`."""
        text, at = self._rest + piece, 0
        while (start := text.find(self._delimiter, at)) >= 0:
            if len(text) - start < _MAX_PART_HEAD + len(self._delimiter) and b"\r\n\r\n" not in text[start:]:
                self._rest = text[start:]
                return
            at = start + len(self._delimiter)
            self._check(text[at : at + _MAX_PART_HEAD])
        self._rest = text[max(at, len(text) - len(self._delimiter) + 1) :]

    def _check(self, head: bytes) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise TooManyPartsError
        for line in head.partition(b"\r\n\r\n")[0].split(b"\r\n"):
            _check_part_line(line)


def _check_media_type(media_type: bytes) -> None:
    """Refuse a charset wherever it may hide: no other parameter of a request's media type has these signs."""
    parameters = media_type.partition(b";")[2].lower()
    if b"*" in parameters or not _CHARSETS.issuperset(_CHARSET.findall(parameters)):
        raise UnsupportedCharsetError


def _check_part_line(line: bytes) -> None:
    """Refuse a charset, and an extended value (RFC 2231) in another one."""
    for name, value in _PARAMETER.findall(line):
        text = value.strip().strip(b'"').lower()
        chosen, quote, _ = text.partition(b"'")
        is_extended = b"*" in name and bool(quote)
        if (name.lower() == b"charset" and text not in _CHARSETS) or (is_extended and chosen not in _CHARSETS):
            raise UnsupportedCharsetError
