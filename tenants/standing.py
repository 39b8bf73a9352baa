"""Ends streams whose reader may not read any more: the one place that looks at every open stream.

Whatever lets a caller in (`BearerAuthentication`, `tenant_page`) notes on the request how to look once more. While a
streamed answer is open, the credential is looked at again every `STREAM_RECHECK_SECONDS`, and the stream ends as soon
as the caller is not let in, or is let in as somebody else: key revoked, member removed or given another role, tenant
suspended, session ended, password changed, grant over, bot or origin gone. See ADR 30.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

from chatcms.core.exceptions import AppError
from chatcms.core.http.bothways import BothWaysMiddleware
from tenants.types import Actor

logger = logging.getLogger(__name__)

Look = Callable[[], Actor]
"""Looks at a credential once more: who it stands for now. Raises `AppError` when it is good for nobody."""

# A stream goes on for so long while nobody can be asked, and no longer: an answer survives a restart of the database.
UNKNOWN_SECONDS = 50.0
_LOOK = "_look_again"


def note(request: HttpRequest, actor: Actor, look: Look) -> None:
    """Note who was let in with a request, and how to look at the credential again."""
    setattr(request, _LOOK, (actor, look))


class StreamsEndMiddleware(BothWaysMiddleware):
    """Has every stream that somebody was let in for end with the leave to read it."""

    def leave(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Put the look in front of each piece."""
        noted = getattr(request, _LOOK, None)
        if noted is not None and response.streaming:
            streamed: Any = response
            streamed.streaming_content = while_allowed(streamed._iterator, *noted)
        return response


async def while_allowed(pieces: Any, actor: Actor, look: Look) -> AsyncIterator[bytes]:
    """Yield the pieces until the look says that `actor` may not read on.

    Streams that wait send a comment every few seconds, so that each comes by here often enough.
    """
    every = float(settings.STREAM_RECHECK_SECONDS)
    looked_at = good_at = time.monotonic()
    try:
        async for piece in pieces:
            now = time.monotonic()
            if now - looked_at >= every:
                looked_at = now
                is_good = await sync_to_async(_is_good)(actor, look)
                good_at = now if is_good else good_at
                if is_good is False or now - good_at > UNKNOWN_SECONDS:
                    return
            yield piece
    finally:
        # What is behind is closed at once, not when it is collected: an answer that nobody may read costs money.
        if hasattr(pieces, "aclose"):
            await pieces.aclose()


def _is_good(actor: Actor, look: Look) -> bool | None:
    """Say whether the credential still stands for the same actor with the same rights; None if nobody can tell."""
    try:
        present = look()
    except AppError as error:
        logger.info("A stream ends, since its credential is not good any more: %s", error.code)
        return False
    except (DatabaseError, RedisError, OSError) as error:
        logger.warning("Whether a stream may go on could not be looked at: %s", type(error).__name__)
        return None
    return _rights(present) == _rights(actor)


def _rights(actor: Actor) -> tuple[object, ...]:
    grant = actor.grant.id if actor.grant else None
    return actor.type, actor.id, actor.role, actor.scopes, actor.bot_ids, actor.dataset_ids, grant
