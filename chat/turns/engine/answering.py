"""Answers one question: search, prompt, model, citations; the same for every face."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from chat.turns.asks import Ask, ModelRoute
from chat.turns.engine.attempts import Desk, PromptAttempt
from chat.turns.engine.evidence import fixed_answer, may_use_tools
from chat.turns.engine.followups import wordings_of
from chat.turns.engine.manners import heard_in, language_of
from chat.turns.engine.ports import Ports
from chat.turns.events import (
    CURATED,
    Delta,
    Ended,
    EngineEvent,
    Rerouted,
    Restarted,
    Retrieved,
)
from providers.exceptions import ProviderError
from providers.messages import Usage

logger = logging.getLogger(__name__)


async def answer(ask: Ask, *, routes: Sequence[ModelRoute], ports: Ports) -> AsyncGenerator[EngineEvent, None]:
    """Yield `Retrieved`, then `Delta`s with `CitationMade`s, `ToolCalled` and `Refused` between them, then `Ended`.

    What was said and turns out to be a thought is followed by `Restarted`, `Retrieved` and the answer. A model that
    refuses the prompt as too long is asked once more with a shorter one; `LimitLearned` tells when it has taken that.
    `Retrieved` comes again before another prompt is sent. `Tally` is for those who book an answer that breaks off.

    What asks nothing of documents ("Thank you!") is not searched for: the model answers it from its instructions.
    `ports.lookup` goes before; `ports.permit` is asked before any model is; `ports.check` reads an answer that cites
    nothing. When a model fails before its first word, or ends without one (`Wordless`), the next of `routes` is asked,
    after a `Rerouted`; when all have, the first one's error is raised. Raises what the ports and the adapters raise.
    Closing the generator closes the upstream connection.
    """
    if canned := await ports.lookup(ask.question):
        for event in _ready(canned.text, None, CURATED, canned.id):
            yield event
        return
    heard = heard_in(ask)
    ask = replace(ask, answers_in=language_of(ask, heard))
    found = await ports.search(wordings_of(ask)) if ports.may_search and heard is None else None
    has_evidence = found.has_evidence if found else None
    sentence = _refusal(ask) if has_evidence is False else None
    if sentence is not None:
        for event in _ready(sentence, has_evidence, ask.bot.no_evidence):
            yield event
        return
    desk = Desk(found.sources if found and has_evidence else (), has_evidence, heard is not None and ports.may_search)
    prompt = desk.prompt(ask)
    for event in desk.told(ask, prompt):
        yield event
    most = await ports.permit(prompt.most_tokens)
    ask = ask if most is None else replace(ask, bot=replace(ask.bot, max_tokens=most))
    desk.keep_to(prompt)
    async with aclosing(_asked(ask, routes, desk, ports)) as events:
        async for event in events:
            yield event
            if isinstance(event, Restarted):
                for again in desk.told_again():
                    yield again


def _refusal(ask: Ask) -> str | None:
    """Return what is said where the documents hold nothing, None where a model is asked all the same."""
    return None if may_use_tools(ask) else fixed_answer(ask.bot, ask.answers_in)


def _ready(
    text: str, has_evidence: bool | None, answered_by: str, curated_answer_id: UUID | None = None
) -> tuple[EngineEvent, ...]:
    """Return the events of an answer that no model is asked for."""
    return (
        Retrieved((), has_evidence),
        Delta(text),
        Ended("stop", Usage(0, 0), answered_by, curated_answer_id),
    )


async def _asked(ask: Ask, routes: Sequence[ModelRoute], desk: Desk, ports: Ports) -> AsyncGenerator[EngineEvent, None]:
    """Ask one model after the other until one says something, each once more with a shorter prompt if need be."""
    first: ProviderError | None = None
    for route in routes:
        if route is not routes[0]:
            ask = replace(ask, bot=replace(ask.bot, model=route.model.id), model=route.model)
            yield Rerouted(route)
        attempt: PromptAttempt | None = PromptAttempt(ask, desk.prompt(ask))
        while attempt is not None:
            for told in desk.told(ask, attempt.prompt):
                yield told
            try:
                async with aclosing(route.access.adapter().stream_chat(attempt.request)) as heard:
                    async for event in heard:
                        for given in attempt.take(event):
                            yield given
                    for given in await attempt.closed(ports):
                        yield given
            except ProviderError as error:
                if attempt.has_spoken:
                    raise
                attempt = attempt.shortened(error, desk)
                if attempt is None:
                    logger.warning("%s failed before its first word: %s", ask.bot.model, error.code)
                    first = first or error
            else:
                return
    if first is not None:
        raise first
