"""Answers one question: search, prompt, model, citations; the same for every face."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from bots.enums import NoEvidence
from chat.turns.asks import Ask, Canned, Route
from chat.turns.engine import prompt as prompts
from chat.turns.engine.evidence import fixed_answer, may_use_tools, not_confirmed
from chat.turns.engine.followups import earlier_questions, wordings_of
from chat.turns.engine.manners import heard_in, language_of, own_words
from chat.turns.engine.parts import PartsHeard
from chat.turns.engine.words import Words
from chat.turns.events import (
    CURATED,
    MODEL,
    Delta,
    Ended,
    EngineEvent,
    LimitLearned,
    Refused,
    Rerouted,
    Restarted,
    Retrieved,
    ToolCalled,
    Wordless,
)
from chat.turns.sources import Found, Source
from providers.base import Adapter
from providers.exceptions import ProviderError, ProviderPromptTooLong, ProviderSaidNothing
from providers.messages import Finish, Tally, Usage
from providers.types import ChatRequest

logger = logging.getLogger(__name__)

# Finds passages for the wordings of a question, of which the first is the likeliest to say what is meant.
Search = Callable[[Sequence[str]], Awaitable[Found]]
# Finds the answer that people wrote for a question, None when there is none.
Lookup = Callable[[str], Awaitable[Canned | None]]
# Takes the most tokens that the prompt may have, and returns how many the answer may have; None for any number.
Permit = Callable[[int], Awaitable[int | None]]
# Takes question, answer and passages; returns the words of the question that the answer says and no passage confirms.
Check = Callable[[str, str, Sequence[Source]], Awaitable[tuple[str, ...]]]
Build = Callable[[Ask], prompts.Prompt]

# What shows that a model has begun to answer, and what shows that it has read its prompt
_WORDS = (Delta, ToolCalled, Refused)
_TAKEN = (*_WORDS, Wordless, Ended)


async def answer(
    ask: Ask,
    *,
    adapter: Callable[[], Adapter],
    search: Search | None,
    fallbacks: Sequence[Route] = (),
    lookup: Lookup | None = None,
    permit: Permit | None = None,
    check: Check | None = None,
) -> AsyncGenerator[EngineEvent, None]:
    """Yield `Retrieved`, then `Delta`s with `CitationMade`s, `ToolCalled` and `Refused` between them, then `Ended`.

    What was said and turns out to be a thought is followed by `Restarted`, `Retrieved` and the answer. A model that
    refuses the prompt as too long is asked once more with a shorter one; `LimitLearned` tells when it has taken that.
    `Retrieved` comes again before another prompt is sent. `Tally` is for those who book an answer that breaks off.

    `search` finds passages; None when the bot has nothing to search. What asks nothing of documents ("Thank you!") is
    not searched for: the model answers it from its instructions. `lookup` goes before; `permit` is asked before any
    model is; `check` reads an answer that cites nothing. When a model fails before its first word, or ends without one
    (`Wordless`), the next of `fallbacks` is asked, after a `Rerouted`; when all have, the first one's error is raised.
    Raises what the callables and the adapter raise. Closing the generator closes the upstream connection.
    """
    if lookup and (canned := await lookup(ask.question)):
        for event in _ready(canned.text, None, CURATED, canned.id):
            yield event
        return
    heard = heard_in(ask)
    ask = replace(ask, answers_in=language_of(ask, heard))
    found = await search(wordings_of(ask)) if search and heard is None else None
    has_evidence = found.has_evidence if found else None
    sentence = _refusal(ask) if has_evidence is False else None
    if sentence is not None:
        for event in _ready(sentence, has_evidence, ask.bot.no_evidence):
            yield event
        return
    sources = found.sources if found and has_evidence else ()
    build = partial(prompts.build, has_evidence=has_evidence, is_talk=heard is not None and search is not None)
    prompt = build(ask, sources)
    tell = partial(_told, ask, has_evidence=has_evidence)
    retrieved = tell(prompt)
    yield retrieved
    ask = await _permitted(ask, prompt, permit)
    given = {source.number for source in prompt.sources}
    build_with = partial(build, sources=[source for source in sources if source.number in given])
    async with (
        aclosing(_ask_models(ask, adapter, fallbacks, build_with, check)) as asking,
        aclosing(_with_prompts(asking, tell, retrieved)) as events,
    ):
        async for event in events:
            yield event


def _refusal(ask: Ask) -> str | None:
    """Return what is said where the documents hold nothing, None where a model is asked all the same."""
    return None if may_use_tools(ask) else fixed_answer(ask.bot, ask.answers_in)


async def _permitted(ask: Ask, prompt: prompts.Prompt, permit: Permit | None) -> Ask:
    """Return the question with an answer as long as it may be. Raises what `permit` raises."""
    most = await permit(prompt.most_tokens) if permit else None
    return ask if most is None else replace(ask, bot=replace(ask.bot, max_tokens=most))


def _ready(
    text: str, has_evidence: bool | None, answered_by: str, curated_answer_id: UUID | None = None
) -> tuple[EngineEvent, ...]:
    """Return the events of an answer that no model is asked for."""
    return (
        Retrieved((), has_evidence),
        Delta(text),
        Ended("stop", Usage(0, 0), answered_by, curated_answer_id),
    )


async def _with_prompts(
    asking: AsyncGenerator[EngineEvent | _Sending, None],
    tell: Callable[[prompts.Prompt], Retrieved],
    retrieved: Retrieved,
) -> AsyncGenerator[EngineEvent, None]:
    """Yield the events with `Retrieved` wherever it is due: before another prompt, and after `Restarted`."""
    async for event in asking:
        if isinstance(event, _Sending):
            told = tell(event.prompt)
            if told != retrieved:
                retrieved = told
                yield retrieved
            continue
        yield event
        if isinstance(event, Restarted):
            yield retrieved


@dataclass(frozen=True, slots=True)
class _Sending:
    """This prompt is going to be sent now."""

    prompt: prompts.Prompt


def _told(ask: Ask, prompt: prompts.Prompt, *, has_evidence: bool | None) -> Retrieved:
    # Where tools may help it is not for the documents to say that there is no answer.
    is_open = may_use_tools(ask) and has_evidence is False
    messages = prompt.messages if ask.shows_prompt else ()
    return Retrieved(prompt.sources, None if is_open else has_evidence, prompt.tokens, messages)


async def _ask_models(
    ask: Ask, adapter: Callable[[], Adapter], fallbacks: Sequence[Route], build: Build, check: Check | None
) -> AsyncGenerator[EngineEvent | _Sending, None]:
    """Ask one model after the other until one says something."""
    first: ProviderError | None = None
    for route in (None, *fallbacks):
        if route is not None:
            ask = replace(ask, bot=replace(ask.bot, model=route.model.id), model=route.model)
            adapter = route.access.adapter
            yield Rerouted(route)
        has_spoken = False
        try:
            async with aclosing(_ask_model(ask, adapter(), build, check)) as events:
                async for event in events:
                    has_spoken = has_spoken or isinstance(event, _WORDS)
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


async def _ask_model(
    ask: Ask, adapter: Adapter, build: Build, check: Check | None
) -> AsyncGenerator[EngineEvent | _Sending, None]:
    """Ask a model, and once more with a shorter prompt if it refuses the first one as too long."""
    prompt, has_spoken = build(ask), False
    yield _Sending(prompt)
    try:
        async with aclosing(_stream(ask, adapter, prompt, check)) as events:
            async for event in events:
                has_spoken = has_spoken or isinstance(event, _WORDS)
                yield event
    except ProviderPromptTooLong as error:
        shorter = prompts.within(ask, prompt, error.limit_tokens)
        again = build(shorter)
        if has_spoken or _size(shorter, again) >= _size(ask, prompt):
            raise
        logger.info("%s refused a prompt as too long and gets a shorter one", ask.bot.model)
        is_named = shorter.model.context_tokens == error.limit_tokens
    else:
        return
    yield _Sending(again)
    async with aclosing(_stream(shorter, adapter, again, check)) as events:
        async for event in events:
            if not has_spoken and isinstance(event, _TAKEN):
                has_spoken = True
                yield LimitLearned(shorter.model.context_tokens or 0, is_named)
            yield event


def _size(ask: Ask, prompt: prompts.Prompt) -> int:
    """What a request wants of the context at the most."""
    return prompt.most_tokens + (prompts.answer_tokens(ask, prompt) or 0)


async def _stream(
    ask: Ask, adapter: Adapter, prompt: prompts.Prompt, check: Check | None
) -> AsyncGenerator[EngineEvent, None]:
    sources = {source.number: source for source in prompt.sources}
    # JSON has brackets of its own, which are no marks.
    marked = {} if ask.wants.output else sources
    words, parts = Words(marked, ask.bot, ask.answers_in), PartsHeard()
    has_called = False
    async with aclosing(adapter.stream_chat(_request(ask, prompt))) as events:
        async for event in events:
            if isinstance(event, Tally):
                yield event
                continue
            for heard in parts.take(event):
                if isinstance(heard, Delta):
                    for given in words.feed(heard.text):
                        yield given
                elif isinstance(heard, Restarted):
                    was_heard = words.has_spoken or has_called
                    words, has_called = Words(marked, ask.bot, ask.answers_in), False
                    if was_heard:
                        yield heard
                elif isinstance(heard, Refused) or ask.wants.tools:
                    for given in words.release():
                        yield given
                    has_called = has_called or isinstance(heard, ToolCalled)
                    yield heard
            if isinstance(event, Finish):
                async with aclosing(_close(ask, event, words, prompt.sources, check, has_called=has_called)) as last:
                    async for given_last in last:
                        yield given_last


async def _close(
    ask: Ask, finish: Finish, words: Words, sources: Sequence[Source], check: Check | None, *, has_called: bool
) -> AsyncGenerator[EngineEvent, None]:
    """Yield the rest of the words and the end; raise `ProviderSaidNothing` where there was no word and no call."""
    for given in words.finish():
        yield given
    if not (words.has_spoken or has_called):
        yield Wordless(finish.usage)
        raise ProviderSaidNothing(finish.reason)
    unconfirmed = await _unconfirmed(ask, words, sources, check)
    if unconfirmed:
        yield Delta(f"\n\n{not_confirmed(unconfirmed, ask.answers_in)}")
    answered_by = NoEvidence.HANDOFF.value if words.hands_over else MODEL
    is_held, is_confirmed = not words.is_admitted, not unconfirmed
    yield Ended(finish.reason, finish.usage, answered_by, is_held=is_held, is_confirmed=is_confirmed)


async def _unconfirmed(ask: Ask, words: Words, sources: Sequence[Source], check: Check | None) -> tuple[str, ...]:
    """Return what an answer that cites nothing says and no passage speaks of.

    A model that cites has read the passages, and one that calls tools or fills in a schema answers from elsewhere too.
    """
    if check is None or not sources or words.has_cited or words.is_admitted or ask.wants.tools or ask.wants.output:
        return ()
    return await check(ask.question, words.text, sources)


def _request(ask: Ask, prompt: prompts.Prompt) -> ChatRequest:
    return ChatRequest(
        model=ask.bot.model,
        messages=prompt.messages,
        temperature=ask.bot.temperature if ask.model.profile.temperature else None,
        max_tokens=prompts.answer_tokens(ask, prompt),
        stop=ask.stop,
        question=ask.question,
        passages=prompt.passages,
        before="\n".join(earlier_questions(ask)),
        own_words=own_words(ask, heard_in(ask)),
        tools=ask.wants.tools,
        tool_choice=ask.wants.tool_choice,
        parallel_tool_calls=ask.wants.parallel_tool_calls,
        output=ask.wants.output,
        profile=ask.model.profile,
    )
