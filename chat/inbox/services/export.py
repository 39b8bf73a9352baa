"""Reads a tenant's conversations out, a few at a time: memory and database connection are held for a page only."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Sequence

from django.db.models import Prefetch

from chat.inbox import selectors
from chat.inbox.selectors import ConversationFilter
from chat.models import Conversation, Message
from tenants.context import TenantLike, in_tenant
from tenants.types import Actor

PAGE = 50


async def exported(
    *, by: Actor, tenant: TenantLike, where: ConversationFilter, encode: Callable[[Sequence[Conversation]], bytes]
) -> AsyncIterator[bytes]:
    """Yield the encoded conversations that fit, the first begun first, each with `messages` and their feedback.

    Between two pages no connection is held, however slowly the reader reads. What is begun meanwhile is included.
    """
    after: uuid.UUID | None = None
    # Read and encoded in the thread, so that no other stream waits for it.
    while page := await in_tenant(tenant, _page, by=by, where=where, after=after, encode=encode):
        text, after = page
        yield text


def _page(
    *, by: Actor, where: ConversationFilter, after: uuid.UUID | None, encode: Callable[[Sequence[Conversation]], bytes]
) -> tuple[bytes, uuid.UUID] | None:
    rows = selectors.conversations(by=by, where=where).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    messages = Message.objects.order_by("seq").select_related("feedback").defer("citations", "retrieval", "setting")
    page = list(rows.prefetch_related(Prefetch("messages", messages))[:PAGE])
    return (encode(page), page[-1].pk) if page else None
