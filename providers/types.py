"""The values that pass between the product and an adapter; no vendor object ever crosses this line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter"]
ModelKind = Literal["chat", "embedding"]
EmbedKind = Literal["query", "passage"]
TimeoutStage = Literal["connect", "first_token", "between_chunks", "total"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class PromptPassage:
    """A passage that was put into the prompt under `number`; only the local answerer reads it."""

    number: int
    title: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to a chat model. `None` leaves a setting to the vendor."""

    model: str
    messages: tuple[ChatMessage, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    passages: tuple[PromptPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the vendor counted them, or as we guessed them when it did not (`estimated`)."""

    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of an answer; never empty. Pieces that arrive together come as one."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a stream that ended as the model meant it to."""

    reason: FinishReason
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of one model; `None` means unknown. Prices are US dollars per million tokens.

    A model that `reasons` spends a part of `max_tokens` on thoughts that are not shown.
    """

    id: str
    kind: ModelKind = "chat"
    context_tokens: int | None = None
    supports_temperature: bool = True
    supports_vision: bool = False
    reasons: bool = False
    dims: int | None = None
    max_batch: int | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None


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
