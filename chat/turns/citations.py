"""Where answers point to, and what is written there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from chat.models import Message
from chat.turns.sources import Source
from datasets.models import Chunk


def citation_of(source: Source) -> dict[str, Any]:
    """Return a citation as it is stored: where it points to, not what is written there."""
    return {
        "number": source.number,
        "document_id": str(source.document_id),
        "document": source.document,
        "page": source.page,
        "section": source.section,
        "chunk_id": str(source.chunk_id),
    }


# What is written at a citation, by message and chunk; absent once the passage was deleted, edited or withdrawn.
Quotes = dict[tuple[uuid.UUID, str], str]


def quotes_for(messages: Iterable[Message]) -> Quotes:
    """Return the text of every passage that the messages cite and may still quote."""
    rows = list(messages)
    passages = passages_of(rows)
    return {
        (message.pk, citation["chunk_id"]): passage.text
        for message in rows
        for citation in shown_sources(message)
        if (passage := passages.get(citation["chunk_id"])) and is_as_cited(passage, message)
    }


def shown_sources(message: Message) -> list[dict[str, Any]]:
    """Return the places that an answer cites; of one that cites none those that its model was given."""
    return list(message.citations or consulted_by(message))


def consulted_by(message: Message) -> list[dict[str, Any]]:
    """Return the places that the model was given of an answer that cites none of them."""
    return list(message.retrieval.get("consulted", []))


def passages_of(messages: Iterable[Message]) -> dict[str, Chunk]:
    """Return the chunks with their documents, by id, that the messages cite or were made from and that are in use.

    A chunk or dataset that was switched off is withdrawn: nobody is shown it because of an old answer.
    """
    ids = {one["chunk_id"] for message in messages for one in [*message.citations, *_passages_in(message)]}
    if not ids:
        return {}
    in_use = Chunk.objects.filter(is_active=True, dataset__is_active=True)
    return {str(row.pk): row for row in in_use.filter(pk__in=ids).select_related("document")}


def is_as_cited(passage: Chunk, message: Message) -> bool:
    """Say whether the passage still says what the answer was made from: it was not edited since."""
    return passage.edited_at is None or passage.edited_at <= message.created_at


def _passages_in(message: Message) -> list[dict[str, Any]]:
    return list(message.retrieval.get("passages", []))
