"""Passages as an answer is made from them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was put into the prompt under `number`; `url` is where its document was fetched from, if so."""

    number: int
    chunk_id: uuid.UUID
    document_id: uuid.UUID
    document: str
    text: str
    page: int | None = None
    section: str = ""
    score: float = 0.0
    url: str = ""


@dataclass(frozen=True, slots=True)
class FoundSources:
    """The outcome of a search: the best passages, numbered from 1, and whether they are good enough to answer from."""

    sources: tuple[Source, ...]
    has_evidence: bool
