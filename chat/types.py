"""The values of a turn: what goes into the engine, and the events that come out for every face."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal

from chatcms.core.exceptions import AppError
from datasets.types import USUAL_PASSAGES, SearchPlan
from providers.connect import Access
from providers.messages import FinishReason, Message, OutputSchema, Part, Tally, Tool, ToolCallPart, ToolChoice, Usage
from providers.types import ModelInfo

Currency = Literal["USD"]
IfDisconnected = Literal["stop", "finish"]

MODEL = "model"
CURATED = "curated"


@dataclass(frozen=True, slots=True)
class TenantRef:
    """Which tenant a turn belongs to: enough to enter it."""

    id: uuid.UUID
    schema_name: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """What one call may set in place of the bot's own settings; None leaves the bot's."""

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wants:
    """What a call brings besides words: images and files, tools that the model may call, the form of its answer."""

    parts: tuple[Part, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    output: OutputSchema | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What a call set besides its question, kept with the answer so that another process can go on with it.

    With `own_history` it brought the history along, or tools and pictures, which are not kept; in a `playground` the
    bot itself may be one that nobody saved, and whoever asks is told what the model was sent.
    """

    overrides: Overrides = Overrides()
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
class Asked:
    """A question as it is saved, and the ids of what was saved with it."""

    conversation_id: uuid.UUID
    question_id: uuid.UUID
    message_id: uuid.UUID
    question: str
    history: tuple[Message, ...] = ()
    call: Call = Call()
    after: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class BotSetup:
    """What the engine needs to know of a bot.

    `fence` is a word that no document can hold and that is the same in every prompt of the bot: passages stand between
    two lines of it, and a vendor's cache of prompts goes on fitting.
    """

    id: uuid.UUID
    name: str
    model: str
    system_prompt: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    passages: int = USUAL_PASSAGES
    no_evidence: str = "say_so"
    no_evidence_message: str = ""
    fence: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A model to ask in another's place, and the way to it."""

    provider_name: str
    model: ModelInfo
    access: Access


@dataclass(frozen=True, slots=True)
class Canned:
    """An answer that people wrote for a question."""

    id: uuid.UUID
    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, in its setting: pure input of the engine.

    `instructions` are the caller's own system messages (OpenAI's protocol), which come after the bot's. `after` is what
    followed the question already: calls of tools with their results, the beginning of an answer. With `shows_prompt`
    the reader is told what the model is sent. `language` is that of most documents (ISO 639-1), "" if it is not known;
    `answers_in` is the one of the bot's own sentences, "" until the engine has decided it.
    """

    question: str
    bot: BotSetup
    model: ModelInfo
    history: tuple[Message, ...] = ()
    instructions: str = ""
    stop: tuple[str, ...] = ()
    shows_prompt: bool = False
    wants: Wants = Wants()
    after: tuple[Message, ...] = ()
    language: str = ""
    answers_in: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was put into the prompt under `number`; `url` is where its document was fetched from, if so."""

    number: int
    chunk_id: uuid.UUID
    document_id: uuid.UUID
    document: str
    text: str
    page: int | None = None
    section: str = ""
    score: float = 0.0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a search: the best passages, numbered from 1, and whether they are good enough to answer from."""

    sources: tuple[Source, ...]
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class ConversationStarted:
    """First event: where question and answer are kept."""

    conversation_id: uuid.UUID
    question_id: uuid.UUID
    message_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Restarted:
    """The answer is being made anew, or turned out to have been a thought: all that came of it before is void.

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

    route: Route


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
class UsageKnown:
    """Tokens and cost of the answer; `cost` is None when the model's price is unknown.

    The tokens of the cache are a part of the prompt's, those of thoughts a part of the answer's.
    """

    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    cost: Decimal | None = None
    currency: Currency = "USD"
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


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


@dataclass(frozen=True, slots=True)
class TurnRules:
    """What has to be looked up for a turn: money budgets, answers that people wrote, and webhooks that listen."""

    has_budget: bool = False
    has_curated: bool = False
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that has been started: all that is needed to answer it and to save the answer, without the database.

    `started` is a reading of `time.perf_counter`. `attempt` counts how often another process had to begin anew.
    `fallbacks` are asked in turn when a model fails before its first word.
    """

    tenant: TenantRef
    conversation_id: uuid.UUID
    question_id: uuid.UUID
    message_id: uuid.UUID
    ask: Ask
    access: Access
    search_plan: SearchPlan | None
    started: float
    attempt: int = 0
    if_disconnected: IfDisconnected = "stop"
    fallbacks: tuple[Route, ...] = ()
    rules: TurnRules = TurnRules()


@dataclass(frozen=True, slots=True)
class LeftQuestion:
    """A question that is saved and waits for the person who has the conversation, called `person_name`."""

    conversation_id: uuid.UUID
    question_id: uuid.UUID
    person_name: str


AnswerEvent = Delta | ToolCalled | Refused | CitationMade
TurnEvent = ConversationStarted | Restarted | Retrieved | AnswerEvent | UsageKnown | Done | Failed
EngineEvent = Rerouted | Restarted | Retrieved | AnswerEvent | Tally | Wordless | LimitLearned | Ended
