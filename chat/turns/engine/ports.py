"""What the engine asks of those around it, who know databases and money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chat.turns.asks import Canned
from chat.turns.sources import FoundSources, Source


class Ports(Protocol):
    """The ways out of the engine; what they raise ends the answer."""

    @property
    def may_search(self) -> bool:
        """Whether the bot has anything to search."""
        ...

    async def search(self, wordings: Sequence[str]) -> FoundSources:
        """Find passages for the wordings of a question, of which the first is the likeliest to say what is meant."""
        ...

    async def lookup(self, question: str) -> Canned | None:
        """Return the answer that people wrote for a question, None when there is none."""
        ...

    async def permit(self, prompt_tokens: int) -> int | None:
        """Take the most tokens that the prompt may have; return how many the answer may have, None for any number."""
        ...

    async def check(self, question: str, answer: str, sources: Sequence[Source]) -> tuple[str, ...]:
        """Return the words of the question that the answer says and no passage confirms."""
        ...
