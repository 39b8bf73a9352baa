"""Fetches the pictures that a call names by address, through the one way out, before a model is shown them.

No address is passed on to a vendor: a model server in the operator's own network would fetch whatever a caller names
there. What is fetched is what the caller could have sent along: nothing of it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import httpx2

from chat.turns.asks import Ask
from chat.turns.exceptions import PictureNotFetchedError
from chatcms.core.errortext import ErrorText
from chatcms.core.outbound import egress
from chatcms.core.outbound.http1 import ResponseRefusedError
from providers.messages import ImagePart, Message, Part

MOST_PICTURES: Final = 10
MOST_BYTES: Final = 20 * 1024 * 1024  # of one, and of all together
MAX_REDIRECTS: Final = 3
TOTAL_SECONDS: Final = 20.0
_STEP_SECONDS = 10.0
_HEADERS = {"User-Agent": "chatcms/1.0 (fetches a picture that its user asked about)", "Accept": "image/*"}
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def media_type_of(data: bytes) -> str:
    """Return what kind of picture bytes are, by how they begin; empty for none that models look at."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning)), "")


async def with_pictures(ask: Ask) -> Ask:
    """Return the question with the pictures themselves in place of their addresses.

    Raises `PictureNotFetchedError`, and `EgressRefusedError` for an address that may not be fetched.
    """
    messages = (*ask.history, *ask.after)
    parts = [*ask.wants.parts, *(part for message in messages for part in message.parts)]
    urls = list(dict.fromkeys(_addresses(parts)))
    if not urls:
        return ask
    if len(urls) > MOST_PICTURES:
        raise PictureNotFetchedError(ErrorText("Send at most %(most)s pictures by their address.", most=MOST_PICTURES))
    fetched = await _fetched(urls)
    return replace(
        ask,
        history=_messages(ask.history, fetched),
        after=_messages(ask.after, fetched),
        wants=replace(ask.wants, parts=_parts(ask.wants.parts, fetched)),
    )


def _addresses(parts: Sequence[Part]) -> Iterator[str]:
    return (part.url for part in parts if isinstance(part, ImagePart) and part.url)


def _messages(messages: Sequence[Message], fetched: Mapping[str, bytes]) -> tuple[Message, ...]:
    return tuple(replace(message, parts=_parts(message.parts, fetched)) for message in messages)


def _parts(parts: Sequence[Part], fetched: Mapping[str, bytes]) -> tuple[Part, ...]:
    return tuple(_picture(part, fetched) if isinstance(part, ImagePart) and part.url else part for part in parts)


def _picture(part: ImagePart, fetched: Mapping[str, bytes]) -> ImagePart:
    data = fetched[part.url]
    return replace(part, media_type=media_type_of(data), data=data, url="")


async def _fetched(urls: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    host = ""
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            for url in urls:
                host = httpx2.URL(url).host
                found[url] = await _get(url)
                if sum(map(len, found.values())) > MOST_BYTES:
                    raise PictureNotFetchedError("The pictures are too large together. Send fewer or smaller ones.")
    except ResponseRefusedError as error:
        raise PictureNotFetchedError(
            ErrorText("The picture at %(host)s cannot be taken: %(error)s.", host=host, error=error)
        ) from None
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL):
        raise PictureNotFetchedError(
            ErrorText("The picture at %(host)s could not be fetched. Send it as a data URL.", host=host)
        ) from None
    return found


async def _get(address: str) -> bytes:
    policy = egress.EgressPolicy.of(egress.Purpose.FETCH, max_bytes=MOST_BYTES)
    url = egress.check_url(address, policy)
    async with egress.async_client(policy, timeout=httpx2.Timeout(_STEP_SECONDS)) as client:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await client.get(url, headers=_HEADERS)
            if answer.is_redirect and "location" in answer.headers:
                url = egress.check_url(url.join(answer.headers["location"]), policy)
                continue
            return _taken(answer, url.host)
    raise PictureNotFetchedError(
        ErrorText(
            "%(host)s sends in circles: more than %(most)s redirects.",
            host=url.host,
            most=MAX_REDIRECTS,
        )
    )


def _taken(answer: httpx2.Response, host: str) -> bytes:
    if answer.status_code != HTTPStatus.OK:
        raise PictureNotFetchedError(
            ErrorText(
                "%(host)s gave no picture (%(status)s). Check its address.",
                host=host,
                status=answer.status_code,
            )
        )
    if not media_type_of(answer.content):
        raise PictureNotFetchedError(
            ErrorText("What %(host)s has there is no PNG, JPEG, GIF or WebP. Check its address.", host=host)
        )
    return answer.content
