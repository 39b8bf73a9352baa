"""Adds up what an answer used, whichever models were asked for it and however it ended."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from chat.money.pricing import UsageKnown, priced, together
from chat.turns.engine import tokens
from chat.turns.events import Ended, EngineEvent, Rerouted, Retrieved, Wordless
from providers.messages import Tally, Usage
from providers.types import ModelInfo


class Meter:
    """What the model that was asked last used, and those before it of which nothing came; each at its own prices."""

    def __init__(self, model: ModelInfo) -> None:
        self._model = model
        self._prompt_tokens = 0
        self._counted: Usage | None = None
        self._final: Usage | None = None
        self._lost: list[UsageKnown] = []

    def note(self, event: EngineEvent) -> None:
        """Take the next event."""
        match event:
            case Retrieved():
                self._prompt_tokens = event.prompt_tokens
            case Tally(usage):
                self._counted = usage
            case Wordless(usage):
                self._lose(usage or Usage(self._prompt_tokens, 0, estimated=True))
            case Rerouted(route):
                if self._counted is not None:
                    self._lose(replace(self._counted, estimated=True))
                self._model = route.model
            case Ended():
                self._final = event.usage

    def total(self, text: str, *, has_failed: bool = False) -> UsageKnown:
        """Return what was used for an answer of which `text` has been said, with its cost.

        What the vendor counted at the end counts. Without that it is what it counted before, as some do with the
        prompt, and a guess of the text; without any count all of it is a guess, and nothing if the answer `has_failed`
        before its first word.
        """
        return reduce(together, self._lost, priced(self._model, self._last(text, has_failed=has_failed)))

    def _last(self, text: str, *, has_failed: bool) -> Usage:
        if self._final is not None:
            return self._final
        said = tokens.estimate(text)
        if self._counted is not None:
            return replace(self._counted, output_tokens=max(self._counted.output_tokens, said), estimated=True)
        if has_failed and not text:
            return Usage(0, 0)
        return Usage(self._prompt_tokens, said, estimated=True)

    def _lose(self, used: Usage) -> None:
        self._lost.append(priced(self._model, used))
        self._counted = None
