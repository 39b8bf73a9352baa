"""Answers one question: search, prompt, model, citations; the same for every face."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from chat.engine import prompt as prompts
from chat.engine.citations import CitationScanner
from chat.engine.evidence import fixed_answer
from chat.types import Ask, CitationMade, Delta, Ended, EngineEvent, Found, Retrieved
from chatcms.core.text import storable
from providers.base import Adapter
from providers.types import ChatRequest, TextDelta, Usage

Search = Callable[[str], Awaitable[Found]]


async def answer(ask: Ask, *, adapter: Adapter, search: Search | None) -> AsyncGenerator[EngineEvent, None]:
    """Yield `Retrieved`, then `Delta`s with `CitationMade`s between them, then `Ended`.

    `search` finds passages for a text; None when the bot has nothing to search. Raises what `search` and the
    adapter raise (`providers.exceptions`). Closing the generator closes the upstream connection.
    """
    found = await _find(ask, search) if search else None
    has_evidence = found.has_evidence if found else None
    if has_evidence is False and (sentence := fixed_answer(ask.bot)) is not None:
        yield Retrieved((), has_evidence=False)
        yield Delta(sentence)
        yield Ended("stop", Usage(0, 0))
        return
    sources = found.sources if found and found.has_evidence else ()
    prompt = prompts.build(ask, sources, has_evidence=has_evidence, fence=secrets.token_hex(8))
    yield Retrieved(prompt.sources, has_evidence, prompt.tokens)
    async with aclosing(_stream(ask, adapter, prompt)) as events:
        async for event in events:
            yield event


async def _find(ask: Ask, search: Search) -> Found:
    """Search for the question; when that finds nothing, search for it together with the one before.

    "And for two?" means nothing by itself.
    """
    found = await search(ask.question)
    before = next((message.content for message in reversed(ask.history) if message.role == "user"), None)
    if found.has_evidence or before is None:
        return found
    return await search(f"{before}\n{ask.question}")


async def _stream(ask: Ask, adapter: Adapter, prompt: prompts.Prompt) -> AsyncGenerator[EngineEvent, None]:
    sources = {source.number: source for source in prompt.sources}
    scanner = CitationScanner(sources)
    async with aclosing(adapter.stream_chat(_request(ask, prompt))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text = storable(event.text)
                yield Delta(text)
                for number in scanner.feed(text):
                    yield CitationMade(sources[number])
            else:
                yield Ended(event.reason, event.usage)


def _request(ask: Ask, prompt: prompts.Prompt) -> ChatRequest:
    return ChatRequest(
        model=ask.bot.model,
        messages=prompt.messages,
        temperature=ask.bot.temperature if ask.model.supports_temperature else None,
        max_tokens=ask.bot.max_tokens,
        stop=ask.stop,
        passages=prompt.passages,
    )
