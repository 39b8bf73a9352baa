"""What goes into the engine: a question in its setting, and the models that may answer it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from datasets.types import USUAL_PASSAGES
from providers.connect import Access
from providers.messages import Message, OutputSchema, Part, Tool, ToolChoice
from providers.types import ModelInfo


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


NO_OVERRIDES = Overrides()
NO_WANTS = Wants()


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
class ModelRoute:
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
