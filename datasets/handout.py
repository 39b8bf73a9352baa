"""The HTTP answer that hands out a stored file: never shown by the browser, always saved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from chatcms.core.api import preconditions
from chatcms.core.http.attachments import HEADER, attachment
from datasets.files import StoredDocument

_PIECE = 256 * 1024


def handed_out(found: StoredDocument, *, if_none_match: str | None) -> HttpResponseBase:
    """Return the file as a stream, or 304 when the caller has it already; its `ETag` is the SHA-256."""
    etag = f'"{found.sha256}"'
    if preconditions.is_known(etag, if_none_match):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = StreamingHttpResponse(pieces(found.path), headers=_headers(found))
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _headers(found: StoredDocument) -> dict[str, str]:
    return {
        "Content-Type": found.content_type,
        "Content-Length": str(found.size_bytes),
        HEADER: attachment(found.file_name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """Give the file piece by piece; a slow disk keeps a thread waiting, not the event loop."""
    with await sync_to_async(_opened)(path) as file:
        while piece := await sync_to_async(file.read)(_PIECE):
            yield piece


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")
