"""Builds the four adapters for tests, and tells which behaviour each of them declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from providers.adapters.local.model import MODEL_ID
from providers.base import Adapter
from providers.messages import (
    Finish,
    Message,
    Part,
    PartDelta,
    PartEnd,
    PartStart,
    RefusalPart,
    StreamEvent,
    TextPart,
    ToolCallPart,
)
from providers.registry import ADAPTERS, build_adapter, features_of
from providers.tests.fake_provider import FakeProvider
from providers.tests.fake_wire import Vendor
from providers.types import ChatRequest, PromptPassage, ProviderConfig, Timeouts

KEY = "sk-OUR-OWN-SECRET-KEY"
ALL = tuple(ADAPTERS)
REMOTE = tuple(kind for kind in ALL if features_of(kind).remote)
EMBEDDING = tuple(kind for kind in ALL if features_of(kind).embeddings)
REMOTE_EMBEDDING = tuple(kind for kind in REMOTE if kind in EMBEDDING)

PASSAGES = (
    PromptPassage(1, "Returns", "Customers may return any item within 30 days of delivery. Shipping is free.", 0.7),
    PromptPassage(2, "Refunds", "Refunds are paid within five days after the item was received by us.", 0.6),
)
# models that both the catalogues and the fake know as ordinary ones
_CHAT_MODELS = {
    "openai": "gpt-4o-mini",
    "anthropic": "claude-sonnet-4-5",
    "openai_compatible": "fake",
    "local": "local",
}
_EMBEDDING_MODELS = {"openai": "text-embedding-3-small", "openai_compatible": "embed-384", "local": MODEL_ID}


def of(*kinds: str) -> pytest.MarkDecorator:
    """Have a test, or all of a class, run for each of these kinds of adapter, as its `subject`."""
    return pytest.mark.parametrize("subject", kinds, indirect=True)


def vendor_of(subject: Subject) -> Vendor:
    """Return whose wire format the adapter speaks."""
    return "anthropic" if subject.kind == "anthropic" else "openai"


@dataclass(frozen=True)
class Subject:
    """One kind of adapter, set up against the fake provider or the local model."""

    kind: str
    fake: FakeProvider
    model_dir: Path

    @property
    def chat_model(self) -> str:
        return _CHAT_MODELS[self.kind]

    @property
    def embedding_model(self) -> str:
        return _EMBEDDING_MODELS[self.kind]

    def config(self, **changes: Any) -> ProviderConfig:
        """The configuration under which this kind works, with `changes`."""
        settings: dict[str, Any] = {
            "kind": self.kind,
            "timeouts": Timeouts(connect=10, first_token=30, between_chunks=30),
        }
        if features_of(self.kind).remote:
            settings |= {"api_key": KEY, "base_url": self.fake.url}
            settings["allow_private_hosts"] = frozenset({self.fake.host})
        else:
            settings["extra"] = {"model_dir": str(self.model_dir)}
        return ProviderConfig(**settings | changes)

    def adapter(self, **changes: Any) -> Adapter:
        return build_adapter(self.config(**changes))

    def request(self, model: str | None = None, text: str = "May I return an item?", **changes: Any) -> ChatRequest:
        messages = (Message.of("system", "Be brief."), Message.of("user", text))
        settings: dict[str, Any] = {"passages": PASSAGES} | changes
        return ChatRequest(model or self.chat_model, messages, **settings)


@dataclass
class Heard:
    """What came of a stream, up to its end or its failure."""

    events: list[StreamEvent] = field(default_factory=list)
    error: Exception | None = None

    @property
    def text(self) -> str:
        """All the words, those of a refusal too, as they were streamed."""
        spoken = {
            event.index
            for event in self.events
            if isinstance(event, PartStart) and isinstance(event.part, TextPart | RefusalPart)
        }
        deltas = [event for event in self.events if isinstance(event, PartDelta)]
        return "".join(event.text for event in deltas if event.index in spoken)

    @property
    def parts(self) -> list[Part]:
        """The parts in the order in which they began, as they were when they were complete."""
        ended = [event for event in self.events if isinstance(event, PartEnd)]
        return [event.part for event in sorted(ended, key=lambda event: event.index)]

    @property
    def finished(self) -> Finish:
        assert self.error is None, self.error
        (last,) = [event for event in self.events if isinstance(event, Finish)]
        assert self.events[-1] is last
        self._assert_whole()
        return last

    def _assert_whole(self) -> None:
        """Every part has one start and one end, and what lies between is what the end holds."""
        starts = [event.index for event in self.events if isinstance(event, PartStart)]
        assert starts == list(range(len(starts)))
        ends = {event.index: event.part for event in self.events if isinstance(event, PartEnd)}
        assert sorted(ends) == starts
        for index, part in ends.items():
            pieces = [event.text for event in self.events if isinstance(event, PartDelta) and event.index == index]
            assert all(pieces)
            text = "".join(pieces)
            assert text == (part.arguments if isinstance(part, ToolCallPart) else getattr(part, "text", "")), part


async def listen(adapter: Adapter, request: ChatRequest) -> Heard:
    """Read a stream to its end; a failure is kept, not raised."""
    heard = Heard()
    try:
        async for event in adapter.stream_chat(request):
            heard.events.append(event)
    except Exception as error:  # noqa: BLE001 - the tests look at whatever it is
        heard.error = error
    return heard
