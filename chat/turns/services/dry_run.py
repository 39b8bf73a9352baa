"""Asks a bot from within the product: without HTTP, a conversation that is kept, or a reader who may go away."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bots.models import Bot
from chat.money.pricing import UsageKnown
from chat.turns import engine
from chat.turns.asks import NO_WANTS, Wants
from chat.turns.engine.gathered import Gathered
from chat.turns.events import MODEL, Ended, EngineEvent, LimitLearned, Rerouted, TurnEvent
from chat.turns.exceptions import AnswerBrokeOffError
from chat.turns.services.assembly import assemble
from chat.turns.services.learned_limits import remember
from chat.turns.services.meter import Meter
from chat.turns.services.ports import TurnPorts
from chat.turns.services.routes import routes_of
from chat.turns.sources import Source
from chat.turns.turn import Call, SavedQuestion, TenantRef, Turn, TurnRules
from chatcms.core.db.ids import uuid7
from chatcms.core.db.tenantdb import state
from chatcms.core.text.safety import seen, storable
from providers.messages import Message, Part
from tenants.context import current_tenant_id, in_tenant

Asking = AsyncGenerator[EngineEvent | UsageKnown, None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `parts` is empty for one of words only; `cost` is None when the model's price is unknown.

    `sources` are the passages that the model was shown, `cited` those that it refers to, and `consulted` all of them
    where it answered from them and refers to none. `has_evidence` says whether the documents hold the answer, None when
    the bot has none to search.
    """

    text: str
    parts: tuple[Part, ...]
    sources: tuple[Source, ...]
    cited: tuple[Source, ...]
    consulted: tuple[Source, ...]
    has_evidence: bool | None
    finish_reason: str
    usage: UsageKnown | None = None
    answered_by: str = MODEL
    curated_answer_id: UUID | None = None

    @property
    def cost(self) -> Decimal | None:
        """What the answer cost, in US dollars."""
        return self.usage.cost if self.usage else None


def ask_of(
    bot: Bot,
    question: str,
    history: Sequence[Message] = (),
    *,
    instructions: str = "",
    wants: Wants = NO_WANTS,
) -> Asking:
    """Answer a question of the current tenant as `bot` would, and save nothing: no message, no usage, no spending.

    Yields the engine's events, with `UsageKnown` before `Ended`. Searches the bot's datasets, gives the answers that
    people wrote, and falls back to other models as a turn does; money budgets are the caller's own concern. Raises what
    `chat.turns.engine.answer` raises, and `ProviderMisconfigured`. Close it, or read it to its end (`collect` does).
    """
    tenant = TenantRef(current_tenant_id(), state.current().schema_name)
    call = Call(instructions=storable(instructions))
    asked = SavedQuestion(uuid7(), uuid7(), uuid7(), seen(question), tuple(history), call)
    return _asked(tenant, bot, asked, wants)


async def collect(events: AsyncIterable[EngineEvent | TurnEvent]) -> Answer:
    """Read an answer to its end and return it whole; raises what it failed with.

    Takes the events of `ask_of`, of the engine, or of a turn.
    """
    gathered = Gathered()
    async for event in events:
        gathered.note(event)
    if gathered.failed is not None:
        raise gathered.failed.error
    return answer_from(gathered)


def answer_from(gathered: Gathered) -> Answer:
    """Return the answer whose events were gathered; raise `AnswerBrokeOffError` when they have no end."""
    ended, done = gathered.ended, gathered.done
    if ended is None and done is None:
        raise AnswerBrokeOffError
    has_evidence = gathered.retrieved.has_evidence
    return Answer(
        text=gathered.text,
        parts=gathered.parts,
        sources=gathered.retrieved.sources,
        cited=tuple(gathered.cited),
        consulted=gathered.consulted,
        has_evidence=done.has_evidence if done else has_evidence and (ended is None or ended.is_from_passages),
        finish_reason=done.finish_reason if done else ended.finish_reason if ended else "",
        usage=gathered.usage,
        answered_by=done.answered_by if done else ended.answered_by if ended else MODEL,
        curated_answer_id=ended.curated_answer_id if ended else None,
    )


async def _asked(tenant: TenantRef, bot: Bot, asked: SavedQuestion, wants: Wants) -> Asking:
    turn = await in_tenant(tenant, _turn, tenant, bot, asked, wants)
    meter, route = Meter(turn.ask.model), turn.routes[0]
    async with aclosing(engine.answer(turn.ask, routes=turn.routes, ports=TurnPorts(turn))) as events:
        async for event in events:
            meter.note(event)
            if isinstance(event, Rerouted):
                route = event.route
            elif isinstance(event, LimitLearned):
                await remember(tenant, route, event)
            elif isinstance(event, Ended):
                yield meter.total("")
            yield event


def _turn(tenant: TenantRef, bot: Bot, asked: SavedQuestion, wants: Wants) -> Turn:
    return assemble(
        tenant=tenant,
        bot=bot,
        routes=routes_of(bot),
        rules=TurnRules(has_curated=bot.has_curated_answers),
        asked=asked,
        started=time.perf_counter(),
        wants=wants,
    )
