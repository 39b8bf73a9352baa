"""The values that pass between the product and an adapter; no vendor object ever crosses this line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from providers.messages import Message, OutputSchema, Tool, ToolChoice
from providers.profiles import ModelProfile

ModelKind = Literal["chat", "embedding"]
EmbedKind = Literal["query", "passage"]
TimeoutStage = Literal["connect", "first_token", "between_chunks", "total"]


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """A passage that was put into the prompt under `number`; only the local answerer reads it."""

    number: int
    title: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the built-in answerer says of its own, in the language asked.

    `lead` goes before its quotes, `nothing` stands where there is none. `reply` answers what is no question
    about documents, "" for one.
    """

    lead: str
    nothing: str
    reply: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to a chat model. `None` leaves a setting to the vendor.

    `profile` says what the model can do; without one it is what the adapter knows of it. `question` and `passages` are
    what the last message is made of, `before` the questions that it goes on from; only the built-in answerer reads
    them, and says `own_words`.
    """

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    question: str = ""
    passages: tuple[PromptPassage, ...] = ()
    before: str = ""
    own_words: OwnWords | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    output: OutputSchema | None = None
    profile: ModelProfile | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of one model; `None` means unknown. Prices are US dollars per million tokens.

    Where a price for the cache is unknown its tokens cost what other input does, and thoughts what other output does.
    """

    id: str
    kind: ModelKind = "chat"
    context_tokens: int | None = None
    dims: int | None = None
    max_batch: int | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    cache_read_price: Decimal | None = None
    cache_write_price: Decimal | None = None
    reasoning_price: Decimal | None = None
    profile: ModelProfile = field(default_factory=ModelProfile)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of a real, tiny call: a sentence for the tenant, and the error's code when it failed."""

    ok: bool
    detail: str
    model: str
    milliseconds: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each stage of a call."""

    connect: float = 5.0
    first_token: float = 30.0
    between_chunks: float = 20.0
    total: float = 180.0


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """All that an adapter needs to reach its vendor. The key is in no repr.

    `allow_private_hosts` holds the exact `host:port` pairs that the operator lets us reach although
    they are private or speak plain http. `extra` holds what only one adapter understands.
    """

    kind: str
    api_key: str = field(default="", repr=False)
    base_url: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    allow_private_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AdapterFeatures:
    """What an adapter can do, for forms and for the contract test."""

    remote: bool
    embeddings: bool
    needs_key: bool
    accepts_base_url: bool
