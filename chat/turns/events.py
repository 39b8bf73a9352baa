"""What happens in a turn: the events of the engine, and those that its reader gets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from chat.money.pricing import UsageKnown
from chat.turns.asks import ModelRoute
from chat.turns.sources import Source
from chatcms.core.exceptions import AppError
from providers.messages import FinishReason, Message, Tally, ToolCallPart, Usage

MODEL = "model"
CURATED = "curated"


@dataclass(frozen=True, slots=True)
class ConversationStarted:
    """First event: where question and answer are kept."""

    conversation_id: uuid.UUID
    question_id: uuid.UUID
    message_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Restarted:
    """The answer restarts, or turned out to have been a thought: all that came of it before is void.

    What follows begins at its beginning.
    """


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found and put into the prompt; `has_evidence` is None when nothing was searched.

    That is so where the bot has nothing to search, and where the message asks nothing of documents ("Thank you!").

    It comes once more, before the first word, when another prompt is sent than it told of: what it says then holds.

    `prompt_tokens` is a guess of the prompt's size, 0 when no model is going to be called. `messages` is the prompt
    itself, for those only who may know it (`Ask.shows_prompt`).
    """

    sources: tuple[Source, ...]
    has_evidence: bool | None
    prompt_tokens: int = 0
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model wants a tool called; the call is complete. `index` is its place among the answer's parts."""

    part: ToolCallPart
    index: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """The model declines to answer in `text`, which came before as `Delta`s; `index` as in `ToolCalled`."""

    text: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class CitationMade:
    """The answer refers to a source for the first time."""

    source: Source


@dataclass(frozen=True, slots=True)
class Rerouted:
    """The model before it failed before its first word; this one is asked now."""

    route: ModelRoute


@dataclass(frozen=True, slots=True)
class Wordless:
    """The model asked last ended without a word; its provider counted `usage` all the same."""

    usage: Usage | None


@dataclass(frozen=True, slots=True)
class LimitLearned:
    """The model asked last reads no more than `tokens`: it refused a longer prompt, and has taken a shorter one.

    `is_named` says whether its provider named that number; else it is what the prompt was cut to.
    """

    tokens: int
    is_named: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The engine's last event; `usage` is what the model's provider counted, if it did.

    `answered_by` says where the answer came from: `model`, `curated` (then `curated_answer_id` names it), or what the
    bot does without evidence. `is_held` is False when the model says that the passages do not hold the answer,
    `is_confirmed` when it says what no passage speaks of.
    """

    finish_reason: FinishReason
    usage: Usage | None
    answered_by: str = MODEL
    curated_answer_id: uuid.UUID | None = None
    is_held: bool = True
    is_confirmed: bool = True

    @property
    def is_from_passages(self) -> bool:
        """Whether the passages that the model was given bear the answer out, as far as can be told."""
        return self.is_held and self.is_confirmed


@dataclass(frozen=True, slots=True)
class Done:
    """Last event of an answer that is saved: whole, or as far as it had come when somebody stopped it.

    `has_evidence` is that of `Retrieved`, unless the model said that the passages do not hold the answer, or said what
    no passage speaks of. `consulted` are the passages that a model was given which cited none of them.
    """

    message_id: uuid.UUID
    conversation_id: uuid.UUID
    finish_reason: FinishReason | Literal["stopped"]
    model: str
    has_evidence: bool | None
    first_token_ms: int | None
    total_ms: int
    answered_by: str = MODEL
    consulted: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Last event of an answer that failed; `incomplete` tells that a part of it was sent and saved."""

    message_id: uuid.UUID
    conversation_id: uuid.UUID
    error: AppError
    incomplete: bool


AnswerEvent = Delta | ToolCalled | Refused | CitationMade
TurnEvent = ConversationStarted | Restarted | Retrieved | AnswerEvent | UsageKnown | Done | Failed
EngineEvent = Rerouted | Restarted | Retrieved | AnswerEvent | Tally | Wordless | LimitLearned | Ended
