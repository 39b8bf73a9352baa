"""Fetches a document from its address, through the one way out: judged, bounded, and told apart by its content."""

from __future__ import annotations

import asyncio
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

import httpx2
from asgiref.sync import async_to_sync
from django.conf import settings
from django.template.defaultfilters import filesizeformat

from chatcms.core.errortext import ErrorText
from chatcms.core.outbound import egress
from chatcms.core.outbound.http1 import ResponseRefusedError
from chatcms.core.text.safety import storable
from datasets import storage
from datasets.blocks import Origin, ReadError
from datasets.exceptions import FetchFailedError
from datasets.ingestion.readers.charsets import charset_in, codec_of
from datasets.ingestion.readers.html_head import title_of
from datasets.ingestion.readers.registry import HEAD_BYTES, FileKind, is_known, kind_of, kind_of_type

MAX_REDIRECTS: Final = 5
TOTAL_SECONDS: Final = 180.0
STEP_SECONDS: Final = 20.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SIGN_IN = frozenset({401, 403, 407})
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})
# What may be read of one answer beyond the limit, in pieces, before the file's own limit has stopped it
_SLACK_BYTES = 4 * 1024 * 1024
_HEADERS = {
    "User-Agent": "chatcms/1.0 (fetches a document that its user asked for)",
    "Accept": "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf, "
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document;q=0.9, */*;q=0.1",
}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file, what it is, and what to call it."""

    stored: storage.StoredFile
    kind: FileKind
    charset: str
    title: str

    @property
    def content_type(self) -> str:
        """The media type, with the charset that the server gave to a text, if that is none that goes without saying."""
        return f"{self.kind.content_type}; charset={self.charset}" if self.charset else self.kind.content_type


def mark_of(url: str) -> str:
    """Return what stands in a document's `sha256` until its content is known: as long, and the address's own."""
    return f"url:{hashlib.sha256(url.encode()).hexdigest()[:60]}"


def checked_url(url: str) -> str:
    """Return the address without its fragment, as far as its text tells one that may be fetched.

    Raises `EgressRefusedError`, which says what is wrong with it.
    """
    return str(egress.check_url(url, _policy()).copy_with(fragment=None))


def fetch(url: str, *, key: str) -> Fetched:
    """Store what is at `url` under `key`; nothing is kept on an error. Blocks; never inside a transaction.

    Each address on the way is judged when it is connected to. Raises `ReadError` when trying again is of no use,
    `FetchFailedError` when it may be.
    """
    host = httpx2.URL(url).host
    try:
        with storage.writing(key, limit=settings.MAX_UPLOAD_BYTES, head_bytes=HEAD_BYTES) as writer:
            final_url, content_type = async_to_sync(_download)(url, writer)
            stored = writer.stored
            kind = _kind(final_url, content_type, stored)
    except egress.EgressRefusedError as error:
        raise ReadError(error.code, error.detail) from None
    except storage.TooLargeError:
        raise _too_large(host) from None
    except ResponseRefusedError as error:
        raise ReadError("fetch_refused", f"The answer of {host} cannot be taken: {error}.") from None
    except (TimeoutError, httpx2.TimeoutException):
        raise FetchFailedError(ErrorText("%(host)s did not answer in time. Try again later.", host=host)) from None
    except httpx2.ConnectError:
        raise FetchFailedError(ErrorText("%(host)s could not be reached. Check the address.", host=host)) from None
    except httpx2.HTTPError:
        raise FetchFailedError(ErrorText("The connection to %(host)s broke off. Try again later.", host=host)) from None
    charset = _charset(content_type) if kind.is_text else ""
    return Fetched(stored, kind, charset, _title(final_url, kind, Origin(charset), stored.head))


def _policy() -> egress.EgressPolicy:
    return egress.EgressPolicy.of(egress.Purpose.FETCH, max_bytes=settings.MAX_UPLOAD_BYTES + _SLACK_BYTES)


async def _download(url: str, writer: storage.Writer) -> tuple[httpx2.URL, str]:
    """Write the content to `writer`; return the address it came from in the end, and its declared type."""
    policy = _policy()
    current = egress.check_url(url, policy)
    async with (
        asyncio.timeout(TOTAL_SECONDS),
        egress.async_client(policy, timeout=httpx2.Timeout(STEP_SECONDS)) as client,
    ):
        for _ in range(MAX_REDIRECTS + 1):
            async with client.stream("GET", current, headers=_HEADERS) as answer:
                if answer.status_code in _REDIRECTS and "location" in answer.headers:
                    current = _redirected(current, answer.headers["location"])
                    continue
                _raise_unless_content(answer, current.host)
                async for piece in answer.aiter_raw():
                    writer.write(piece)
                return current, answer.headers.get("content-type", "")
    raise ReadError("fetch_redirects", f"{current.host} sends in circles: more than {MAX_REDIRECTS} redirects.")


def _redirected(current: httpx2.URL, location: str) -> httpx2.URL:
    try:
        return egress.check_url(current.join(location), _policy())
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        raise ReadError("fetch_refused", f"{current.host} redirects to a malformed address.") from None


def _raise_unless_content(answer: httpx2.Response, host: str) -> None:
    status = answer.status_code
    if status == HTTPStatus.OK:
        length = answer.headers.get("content-length", "")
        if length.isascii() and length.isdecimal() and int(length) > settings.MAX_UPLOAD_BYTES:
            raise _too_large(host)
        return
    if status in _SIGN_IN:
        raise ReadError(
            "fetch_refused",
            f"{host} does not show this page without a sign-in ({status}). Save the page and upload the file.",
        )
    if status in _GONE:
        raise ReadError("fetch_not_found", f"{host} has nothing at this address ({status}). Check the address.")
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise FetchFailedError(
            ErrorText("%(host)s cannot answer at the moment (%(status)s). Try again later.", host=host, status=status)
        )
    raise ReadError("fetch_refused", f"{host} gave no content for this address ({status}). Check the address.")


def _too_large(host: str) -> ReadError:
    limit = filesizeformat(settings.MAX_UPLOAD_BYTES)
    return ReadError("file_too_large", f"What {host} has at this address is larger than {limit}.")


def _charset(content_type: str) -> str:
    label = charset_in(content_type)
    return label if codec_of(label) not in {"", "utf-8"} else ""


def _kind(url: httpx2.URL, content_type: str, stored: storage.StoredFile) -> FileKind:
    """Judge by the content; where that leaves a choice by the declared type, for plain text by the address."""
    name = _file_name(url)
    declared = kind_of_type(content_type.lower().replace("application/xhtml+xml", "text/html"))
    if declared is not None and not (declared.name == "txt" and is_known(name)):
        name = f"page{declared.extensions[0]}"
    return kind_of(name, stored.head, storage.path_of(stored.key))


def _file_name(url: httpx2.URL) -> str:
    return PurePosixPath(unquote(url.path)).name


def _title(url: httpx2.URL, kind: FileKind, origin: Origin, head: bytes) -> str:
    """Return the page's title, else the file's name, else the address."""
    found = ""
    if kind.name == "html":
        with suppress(ReadError):
            found = title_of(head, origin)
    shown = found or _file_name(url) or f"{url.host}{url.path}"
    return _SPACES.sub(" ", storable("".join(c for c in shown if c.isprintable() or c.isspace()))).strip()
