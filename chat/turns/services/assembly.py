"""Puts together all that it takes to answer a question that is saved, without the database."""

from __future__ import annotations

from bots.models import Bot
from chat.money.services import ledger
from chat.turns.asks import NO_WANTS, Ask, ModelRoute, Wants
from chat.turns.services.search import language_of_documents
from chat.turns.services.setup import setup_of
from chat.turns.turn import SavedQuestion, TenantRef, Turn, TurnRules
from datasets.retrieval import plan_search
from tenants.context import TenantLike


def assemble(
    *,
    tenant: TenantLike,
    bot: Bot,
    routes: tuple[ModelRoute, ...],
    rules: TurnRules,
    asked: SavedQuestion,
    started: float,
    attempt: int = 0,
    wants: Wants = NO_WANTS,
) -> Turn:
    """Return the turn of a question that is saved: all that it takes to answer it without the database."""
    call = asked.call
    plan = plan_search(dataset_ids=bot.dataset_ids) if bot.dataset_ids else None
    return Turn(
        tenant=TenantRef(tenant.id, tenant.schema_name),
        conversation_id=asked.conversation_id,
        question_id=asked.question_id,
        message_id=asked.message_id,
        ask=Ask(
            question=asked.question,
            bot=setup_of(bot, routes[0].model.id, call.overrides),
            model=routes[0].model,
            history=asked.history,
            instructions=call.instructions,
            stop=call.overrides.stop,
            shows_prompt=call.playground,
            wants=wants,
            after=asked.after,
            language=language_of_documents(plan),
        ),
        routes=routes,
        search_plan=plan,
        started=started,
        attempt=attempt,
        if_disconnected=call.if_disconnected,
        rules=rules,
    )


def rules_of(tenant: TenantLike, bot: Bot) -> TurnRules:
    """Return what has to be looked up for a turn of a bot that was saved before."""
    return TurnRules(
        has_budget=bool(ledger.limits_of(tenant_id=tenant.id, bot_id=bot.pk)),
        has_curated=bot.has_curated_answers,
        is_heard=bot.turns_are_heard,
    )
