"""Asks a model with one prompt: how that is made of what was found, and what comes of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from bots.enums import NoEvidence
from chat.turns.asks import Ask
from chat.turns.engine import prompt as prompts
from chat.turns.engine.evidence import may_use_tools, not_confirmed
from chat.turns.engine.followups import earlier_questions
from chat.turns.engine.manners import heard_in, own_words
from chat.turns.engine.parts import Heard, PartsHeard
from chat.turns.engine.ports import Ports
from chat.turns.engine.words import Words
from chat.turns.events import (
    MODEL,
    Delta,
    Ended,
    EngineEvent,
    LimitLearned,
    Refused,
    Restarted,
    Retrieved,
    ToolCalled,
    Wordless,
)
from chat.turns.sources import Source
from providers.exceptions import ProviderError, ProviderPromptTooLong, ProviderSaidNothing
from providers.messages import Finish, StreamEvent, Tally
from providers.types import ChatRequest

logger = logging.getLogger(__name__)

# What shows that a model has begun to answer, and what shows that it has read its prompt
_WORDS = (Delta, ToolCalled, Refused)
_TAKEN = (*_WORDS, Wordless, Ended)


class Desk:
    """Builds the prompts of one answer from what was found, and says what of it is to be told before each is sent."""

    def __init__(self, sources: Sequence[Source], has_evidence: bool | None, is_talk: bool) -> None:
        self._sources = sources
        self._has_evidence = has_evidence
        self._is_talk = is_talk
        self._told: Retrieved | None = None

    def prompt(self, ask: Ask) -> prompts.Prompt:
        """Return the prompt of a question."""
        return prompts.build(ask, self._sources, has_evidence=self._has_evidence, is_talk=self._is_talk)

    def keep_to(self, prompt: prompts.Prompt) -> None:
        """Put no other passages into later prompts than this one has."""
        given = {source.number for source in prompt.sources}
        self._sources = [source for source in self._sources if source.number in given]

    def told(self, ask: Ask, prompt: prompts.Prompt) -> tuple[Retrieved, ...]:
        """Return what a reader is told of a prompt before it is sent; nothing if that has been told."""
        # Where tools may help it is not for the documents to say that there is no answer.
        is_open = may_use_tools(ask) and self._has_evidence is False
        messages = prompt.messages if ask.shows_prompt else ()
        told = Retrieved(prompt.sources, None if is_open else self._has_evidence, prompt.tokens, messages)
        if told == self._told:
            return ()
        self._told = told
        return (told,)

    def told_again(self) -> tuple[Retrieved, ...]:
        """Return what was told last, for an answer that begins again."""
        return (self._told,) if self._told else ()


class PromptAttempt:
    """One prompt that a model is asked with, and what has come of it."""

    def __init__(self, ask: Ask, prompt: prompts.Prompt, limit: LimitLearned | None = None) -> None:
        self.ask = ask
        self.prompt = prompt
        self.has_spoken = False
        self._is_shortened = limit is not None
        self._limit = limit
        # JSON has its own brackets, which are no marks.
        self._marked = {} if ask.wants.output else {source.number: source for source in prompt.sources}
        self._words, self._parts = Words(self._marked, ask.bot, ask.answers_in), PartsHeard()
        self._has_called = False
        self._finish: Finish | None = None

    @property
    def request(self) -> ChatRequest:
        """What the model is asked."""
        return _request(self.ask, self.prompt)

    def take(self, event: StreamEvent) -> Iterator[EngineEvent]:
        """Yield what an event of the model means to the reader; at the end the rest of its words."""
        if isinstance(event, Tally):
            yield event
            return
        for heard in self._parts.take(event):
            for given in self._given(heard):
                yield from self._noted(given)
        if isinstance(event, Finish):
            self._finish = event
            for given in self._words.finish():
                yield from self._noted(given)
            if not (self._words.has_spoken or self._has_called):
                yield from self._noted(Wordless(event.usage))

    async def closed(self, ports: Ports) -> tuple[EngineEvent, ...]:
        """Return how the answer ends; raise `ProviderSaidNothing` where there was no word and no call."""
        finish = self._finish
        if finish is None:
            return ()
        if not (self._words.has_spoken or self._has_called):
            raise ProviderSaidNothing(finish.reason)
        unconfirmed = await self._unconfirmed(ports)
        answered_by = NoEvidence.HANDOFF.value if self._words.hands_over else MODEL
        is_held, is_confirmed = not self._words.is_admitted, not unconfirmed
        ended = Ended(finish.reason, finish.usage, answered_by, is_held=is_held, is_confirmed=is_confirmed)
        if not unconfirmed:
            return (*self._noted(ended),)
        return (Delta(f"\n\n{not_confirmed(unconfirmed, self.ask.answers_in)}"), ended)

    def shortened(self, error: ProviderError, desk: Desk) -> PromptAttempt | None:
        """Return an attempt with a shorter prompt; None unless this one was refused as too long."""
        if not isinstance(error, ProviderPromptTooLong) or self._is_shortened:
            return None
        shorter = prompts.within(self.ask, self.prompt, error.limit_tokens)
        prompt = desk.prompt(shorter)
        if _size(shorter, prompt) >= _size(self.ask, self.prompt):
            return None
        logger.info("%s refused a prompt as too long and gets a shorter one", self.ask.bot.model)
        limit = shorter.model.context_tokens
        return PromptAttempt(shorter, prompt, LimitLearned(limit or 0, is_named=limit == error.limit_tokens))

    def _given(self, heard: Heard) -> Iterator[EngineEvent]:
        if isinstance(heard, Delta):
            yield from self._words.feed(heard.text)
        elif isinstance(heard, Restarted):
            was_heard = self._words.has_spoken or self._has_called
            self._words, self._has_called = Words(self._marked, self.ask.bot, self.ask.answers_in), False
            if was_heard:
                yield heard
        elif isinstance(heard, Refused) or self.ask.wants.tools:
            yield from self._words.release()
            self._has_called = self._has_called or isinstance(heard, ToolCalled)
            yield heard

    def _noted(self, given: EngineEvent) -> Iterator[EngineEvent]:
        """Yield an event, after what a shorter prompt has taught once the model has taken that."""
        if self._limit is not None and isinstance(given, _TAKEN):
            yield self._limit
            self._limit = None
        self.has_spoken = self.has_spoken or isinstance(given, _WORDS)
        yield given

    async def _unconfirmed(self, ports: Ports) -> tuple[str, ...]:
        """Return what an answer that cites nothing says and no passage speaks of.

        A model that cites has read the passages, and one that calls tools or fills in a schema answers from elsewhere
        too.
        """
        words, wants = self._words, self.ask.wants
        if not self.prompt.sources or words.has_cited or words.is_admitted or wants.tools or wants.output:
            return ()
        return await ports.check(self.ask.question, words.text, self.prompt.sources)


def _size(ask: Ask, prompt: prompts.Prompt) -> int:
    """What a request wants of the context at the most."""
    return prompt.most_tokens + (prompts.answer_tokens(ask, prompt) or 0)


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
