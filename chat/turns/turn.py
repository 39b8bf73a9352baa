"""A turn that has been started, and what is kept of the call that started it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from chat.turns.asks import NO_OVERRIDES, Ask, ModelRoute, Overrides
from datasets.types import SearchPlan
from providers.messages import Message

IfDisconnected = Literal["stop", "finish"]


@dataclass(frozen=True, slots=True)
class TenantRef:
    """Which tenant a turn belongs to: enough to enter it."""

    id: uuid.UUID
    schema_name: str


@dataclass(frozen=True, slots=True)
class Call:
    """What a call set besides its question, kept with the answer so that another process can go on with it.

    With `own_history` it brought the history along, or tools and pictures, which are not kept; in a `playground` the
    bot itself may be one that nobody saved, and the asker is told what the model was sent.
    """

    overrides: Overrides = NO_OVERRIDES
    instructions: str = ""
    if_disconnected: IfDisconnected = "stop"
    own_history: bool = False
    playground: bool = False

    @property
    def can_be_made_anew(self) -> bool:
        """Whether all that the answer is made of is kept."""
        return not (self.own_history or self.playground)

    def stored(self) -> dict[str, Any]:
        """Return it as JSON; what was not set is left out."""
        overrides = {name: value for name, value in asdict(self.overrides).items() if value}
        if self.overrides.temperature == 0:
            overrides["temperature"] = 0
        values: dict[str, Any] = {"overrides": overrides, "instructions": self.instructions}
        values |= {"finish": self.if_disconnected == "finish", "own_history": self.own_history}
        values["playground"] = self.playground
        return {name: value for name, value in values.items() if value}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Call:
        """Return what `stored` gave."""
        overrides = stored.get("overrides", {})
        return cls(
            overrides=Overrides(**{**overrides, "stop": tuple(overrides.get("stop", ()))}),
            instructions=stored.get("instructions", ""),
            if_disconnected="finish" if stored.get("finish") else "stop",
            own_history=stored.get("own_history", False),
            playground=stored.get("playground", False),
        )


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question as it is saved, and the ids of what was saved with it."""

    conversation_id: uuid.UUID
    question_id: uuid.UUID
    message_id: uuid.UUID
    question: str
    history: tuple[Message, ...] = ()
    call: Call = Call()
    after: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnRules:
    """What has to be looked up for a turn: money budgets, answers that people wrote, and webhooks that listen."""

    has_budget: bool = False
    has_curated: bool = False
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that has been started: all that is needed to answer it and to save the answer, without the database.

    `started` is a reading of `time.perf_counter`. `attempt` counts the restarts by other processes.
    Of `routes` each is asked when the one before it fails before its first word; `ask.model` is the first one's.
    """

    tenant: TenantRef
    conversation_id: uuid.UUID
    question_id: uuid.UUID
    message_id: uuid.UUID
    ask: Ask
    routes: tuple[ModelRoute, ...]
    search_plan: SearchPlan | None
    started: float
    attempt: int = 0
    if_disconnected: IfDisconnected = "stop"
    rules: TurnRules = TurnRules()
