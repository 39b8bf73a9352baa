"""Answers one question: search, prompt, model, citations; the same for every face."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from chat.engine import prompt as prompts
from chat.engine.admission import AdmissionScanner
from chat.engine.citations import CitationScanner
from chat.engine.evidence import fixed_answer, nothing_found
from chat.types import (
    CURATED,
    Ask,
    Canned,
    CitationMade,
    Delta,
    Ended,
    EngineEvent,
    Found,
    Rerouted,
    Retrieved,
    Route,
)
from chatcms.core.text import storable
from providers.base import Adapter
from providers.exceptions import ProviderError
from providers.messages import Finish, PartDelta, PartStart, RefusalPart, TextPart, Usage
from providers.types import ChatRequest

logger = logging.getLogger(__name__)

Search = Callable[[str], Awaitable[Found]]
# Finds the answer that people wrote for a question, None when there is none.
Lookup = Callable[[str], Awaitable[Canned | None]]
# Takes the most tokens that the prompt may have, and returns how many the answer may have; None for any number.
Permit = Callable[[int], Awaitable[int | None]]


async def answer(
    ask: Ask,
    *,
    adapter: Callable[[], Adapter],
    search: Search | None,
    fallbacks: Sequence[Route] = (),
    lookup: Lookup | None = None,
    permit: Permit | None = None,
) -> AsyncGenerator[EngineEvent, None]:
    """Yield `Retrieved`, then `Delta`s with `CitationMade`s between them, then `Ended`.

    `search` finds passages for a text; None when the bot has nothing to search. `lookup` goes before it; `permit` is
    asked before any model is. When a model fails before its first word the next of `fallbacks` is asked, after a
    `Rerouted`; when all have, the first one's error is raised. Raises what `search`, `lookup`, `permit` and the
    adapter raise (`providers.exceptions`). Closing the generator closes the upstream connection.
    """
    if lookup and (canned := await lookup(ask.question)):
        yield Retrieved((), None)
        yield Delta(canned.text)
        yield Ended("stop", Usage(0, 0), CURATED, canned.id)
        return
    found = await _find(ask, search) if search else None
    has_evidence = found.has_evidence if found else None
    if has_evidence is False and (sentence := fixed_answer(ask.bot)) is not None:
        yield Retrieved((), has_evidence=False)
        yield Delta(sentence)
        yield Ended("stop", Usage(0, 0), ask.bot.no_evidence)
        return
    sources = found.sources if found and found.has_evidence else ()
    build = partial(prompts.build, has_evidence=has_evidence, fence=secrets.token_hex(8))
    prompt = build(ask, sources)
    yield Retrieved(prompt.sources, has_evidence, prompt.tokens, prompt.messages if ask.shows_prompt else ())
    if permit and (most := await permit(prompt.most_tokens)) is not None:
        ask = replace(ask, bot=replace(ask.bot, max_tokens=most))
    async with aclosing(_ask_models(ask, adapter, fallbacks, partial(build, sources=prompt.sources))) as events:
        async for event in events:
            yield event


async def _ask_models(
    ask: Ask, adapter: Callable[[], Adapter], fallbacks: Sequence[Route], build: Callable[[Ask], prompts.Prompt]
) -> AsyncGenerator[EngineEvent, None]:
    """Ask one model after the other until one says something."""
    first: ProviderError | None = None
    for route in (None, *fallbacks):
        if route is not None:
            ask = replace(ask, bot=replace(ask.bot, model=route.model.id), model=route.model)
            adapter = route.access.adapter
            yield Rerouted(route)
        has_spoken = False
        try:
            async with aclosing(_stream(ask, adapter(), build(ask))) as events:
                async for event in events:
                    has_spoken = has_spoken or event != Delta("")
                    yield event
        except ProviderError as error:
            if has_spoken:
                raise
            logger.warning("%s failed before its first word: %s", ask.bot.model, error.code)
            first = first or error
        else:
            return
    if first is not None:
        raise first


async def _find(ask: Ask, search: Search) -> Found:
    """Search for the question; when that finds nothing, search for it together with the one before.

    "And for two?" means nothing by itself.
    """
    found = await search(ask.question)
    before = next((message.text for message in reversed(ask.history) if message.role == "user"), None)
    if found.has_evidence or before is None:
        return found
    return await search(f"{before}\n{ask.question}")


async def _stream(ask: Ask, adapter: Adapter, prompt: prompts.Prompt) -> AsyncGenerator[EngineEvent, None]:
    sources = {source.number: source for source in prompt.sources}
    scanner = CitationScanner(sources)
    # Without passages nothing was said about the mark.
    admission = AdmissionScanner() if sources else None
    has_spoken = False
    spoken: set[int] = set()
    async with aclosing(adapter.stream_chat(_request(ask, prompt))) as events:
        async for event in events:
            if isinstance(event, PartStart) and isinstance(event.part, TextPart | RefusalPart):
                spoken.add(event.index)
            elif isinstance(event, PartDelta) and event.index in spoken:
                text = storable(event.text)
                if admission and not (text := admission.feed(text)):
                    continue
                has_spoken = True
                yield Delta(text)
                for number in scanner.feed(text):
                    yield CitationMade(sources[number])
            if not isinstance(event, Finish):
                continue
            is_admitted = admission is not None and admission.is_admitted
            if admission and (rest := admission.rest()):
                yield Delta(rest)
            elif is_admitted and not has_spoken:
                yield Delta(nothing_found(ask.bot))
            yield Ended(event.reason, event.usage, is_held=not is_admitted)


def _request(ask: Ask, prompt: prompts.Prompt) -> ChatRequest:
    return ChatRequest(
        model=ask.bot.model,
        messages=prompt.messages,
        temperature=ask.bot.temperature if ask.model.profile.temperature else None,
        max_tokens=ask.bot.max_tokens,
        stop=ask.stop,
        passages=prompt.passages,
        profile=ask.model.profile,
    )
