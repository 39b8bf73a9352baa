"""The engine's surroundings in tests that have none: an adapter is the model, and a function finds what is found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import cast

from chat.turns.asks import Ask, Canned, ModelRoute
from chat.turns.sources import FoundSources, Source
from providers.base import Adapter
from providers.connect import Access

Search = Callable[[Sequence[str]], Awaitable[FoundSources]]


class NoPorts:
    """Nothing to look up, to pay or to check; passages are what `search` finds."""

    def __init__(self, search: Search | None = None) -> None:
        self._search = search

    @property
    def may_search(self) -> bool:
        """Whether there is a search."""
        return self._search is not None

    async def search(self, wordings: Sequence[str]) -> FoundSources:
        """Return what the search finds."""
        assert self._search is not None
        return await self._search(wordings)

    async def lookup(self, question: str) -> Canned | None:
        """Nobody has written an answer."""
        return None

    async def permit(self, prompt_tokens: int) -> int | None:
        """Nothing bounds the answer."""
        return None

    async def check(self, question: str, answer: str, sources: Sequence[Source]) -> tuple[str, ...]:
        """Everything is confirmed."""
        return ()


def route_to(adapter: Adapter, ask: Ask) -> ModelRoute:
    """Return the way to the model of a question by an adapter that is there already."""
    return ModelRoute("", ask.model, cast(Access, SimpleNamespace(adapter=lambda: adapter)))
