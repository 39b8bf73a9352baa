"""What the engine asks of the product in one turn: passages, curated answers, money, and a check of what it says."""

from __future__ import annotations

from collections.abc import Sequence

from chat.money.services.ledger import Reservation
from chat.turns.asks import Canned
from chat.turns.services.curated import curated_for
from chat.turns.services.permits import reserve
from chat.turns.services.search import found_for, unconfirmed_in
from chat.turns.sources import FoundSources, Source
from chat.turns.turn import Turn
from tenants.context import in_tenant


class TurnPorts:
    """The engine's `Ports` for a turn; `reservation` is the money set aside for it, to be settled at its end."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.reservation: Reservation | None = None

    @property
    def may_search(self) -> bool:
        """Whether the turn's bot has datasets."""
        return self._turn.search_plan is not None

    async def search(self, wordings: Sequence[str]) -> FoundSources:
        """Find passages."""
        plan = self._turn.search_plan
        return await found_for(self._turn, plan, wordings) if plan else FoundSources((), has_evidence=False)

    async def lookup(self, question: str) -> Canned | None:
        """Return the answer that people wrote for the question, if the turn's bot has any."""
        return await curated_for(self._turn, question) if self._turn.rules.has_curated else None

    async def permit(self, prompt_tokens: int) -> int | None:
        """Set money aside where a budget bounds the turn; return how many tokens its answer may have."""
        if not self._turn.rules.has_budget:
            return None
        granted = await in_tenant(self._turn.tenant, reserve, self._turn, prompt_tokens)
        if granted is None:
            return None
        self.reservation, answer_tokens = granted
        return answer_tokens

    async def check(self, question: str, answer: str, sources: Sequence[Source]) -> tuple[str, ...]:
        """Return what the answer says that no passage confirms."""
        plan = self._turn.search_plan
        return await unconfirmed_in(self._turn, plan, question, answer, sources) if plan else ()
