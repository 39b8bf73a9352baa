"""What both of OpenAI's protocols ask: a conversation taken apart into what a turn is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.turns.api.openai.errors import UnsupportedParameterError
from chat.turns.asks import Overrides, Wants
from chatcms.core.text.safety import seen
from providers.messages import FilePart, ImagePart, Message, OutputSchema, Part, Tool, ToolChoice

# What stands for the question where it is made of pictures or files only
NO_WORDS = "[image]"


@dataclass(frozen=True, slots=True)
class ToldTurn:
    """A conversation as it was sent: the question is the last that the user says, or else the last message.

    `history` came before it and `after` follows it; `instructions` are the words of the system messages. `messages` are
    all of them, as they were sent.
    """

    instructions: str
    history: tuple[Message, ...]
    question: str
    parts: tuple[Part, ...]
    after: tuple[Message, ...]
    messages: tuple[Message, ...]

    @classmethod
    def of(cls, messages: Sequence[Message]) -> ToldTurn:
        """Take messages apart, one at least."""
        said = [message for message in messages if message.role != "system"]
        rules = [message.text for message in messages if message.role == "system"]
        if not said:
            return cls("\n\n".join(rules[:-1]), (), rules[-1], (), (), tuple(messages))
        places = [place for place, message in enumerate(said) if message.role == "user"]
        place = places[-1] if places else len(said) - 1
        asked = said[place]
        parts = tuple(part for part in asked.parts if isinstance(part, ImagePart | FilePart))
        question = asked.text if seen(asked.text) or not parts else NO_WORDS
        before, after = tuple(said[:place]), tuple(said[place + 1 :])
        return cls("\n\n".join(rules), before, question, parts, after, tuple(messages))

    @property
    def has_tools(self) -> bool:
        """Whether a tool was called in it."""
        return any(message.role == "tool" for message in (*self.history, *self.after))


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    """A checked request of either protocol.

    With `by_function` it uses the older names of tools, and so does the answer.
    """

    model: str
    told: ToldTurn
    overrides: Overrides
    wants: Wants
    stream: bool
    include_usage: bool = False
    by_function: bool = False


def wants_of(
    told: ToldTurn,
    tools: tuple[Tool, ...],
    choice: ToolChoice,
    *,
    parallel: bool,
    output: OutputSchema | None,
) -> Wants:
    """Return what a call brings besides words. Tools that must not be called are left out where none was before."""
    if choice == "none" and not told.has_tools:
        tools = ()
    return Wants(told.parts, tools, choice if tools else "auto", parallel, output)


def refuse_more_than_text(n: object, modalities: object, audio: object) -> None:
    """Raise `UnsupportedParameterError` for what would change the answer's meaning if it were left out in silence."""
    if n not in (None, 1):
        raise UnsupportedParameterError("n", "A bot gives one answer: leave `n` out, or send 1.")
    if audio or modalities not in (None, [], ["text"]):
        raise UnsupportedParameterError("modalities", "Bots answer in text: leave `audio` out.")
