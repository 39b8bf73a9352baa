"""What a conversation with a model is made of: messages of typed parts, tools, and the events of a streamed answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]
ImageDetail = Literal["auto", "low", "high", "original"]


# --- parts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture: its bytes, or the `url` from which the vendor fetches it. `detail` says how closely to look."""

    media_type: str = ""
    data: bytes = field(default=b"", repr=False)
    url: str = ""
    detail: ImageDetail = "auto"


@dataclass(frozen=True, slots=True)
class FilePart:
    """A document that the model reads itself."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """The model wants a tool called; `arguments` is the JSON text as the model wrote it, which may be broken."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """What came of the call `call_id`."""

    call_id: str
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class RefusalPart:
    """The words in which a model declines to answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """What a model thought before it spoke; shown to nobody.

    `signature` and `redacted` are the vendor's own seals, without which it takes no thought back.
    """

    text: str
    signature: str = ""
    redacted: str = ""


Part = TextPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | RefusalPart | ThinkingPart


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt: who says it, and the parts it is made of."""

    role: Role
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, role: Role, text: str) -> Message:
        """Return a message of words only."""
        return cls(role, (TextPart(text),))

    @property
    def text(self) -> str:
        """The words of the message, without its other parts."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def is_text(self) -> bool:
        """Whether the message is made of words only."""
        return all(isinstance(part, TextPart) for part in self.parts)


# --- what a request may ask for ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ToolNamed:
    """The one tool that the model has to call."""

    name: str


ToolChoice = Literal["auto", "none", "required"] | ToolNamed


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """The JSON that the answer has to be: a document of a schema, or any JSON object where `schema` is None."""

    name: str = "answer"
    schema: Mapping[str, Any] | None = None
    strict: bool = True
    description: str = ""


# --- what comes back -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the vendor counted them, or as we guessed them when it did not (`estimated`).

    `input_tokens` is the whole prompt; what of it was read from the vendor's cache, or written there, is a part of it.
    `output_tokens` is the whole answer; `reasoning_tokens` are a part of it.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part of the answer begins; `part` holds what is known of it at once, such as the name of a tool."""

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class PartDelta:
    """The next piece of a part: of its text, or of a tool call's arguments; never empty.

    Pieces that arrive together come as one.
    """

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class PartEnd:
    """A part is complete.

    `part` is what counts: where only its end shows that a text was a thought, a `ThinkingPart` ends what began as text.
    """

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class Tally:
    """What the vendor has counted before the end, as some do with the prompt, told once the model has begun.

    It is billed even if the rest never comes.
    """

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of a stream that ended as the model meant it to."""

    reason: FinishReason
    usage: Usage | None = None


StreamEvent = PartStart | PartDelta | PartEnd | Tally | Finish


# --- the stored form -----------------------------------------------------------------------------------------


class PartsError(ValueError):
    """Stored parts are not what `dump_parts` wrote."""


_TYPES: dict[str, type[Part]] = {
    "text": TextPart,
    "image": ImagePart,
    "file": FilePart,
    "tool_call": ToolCallPart,
    "tool_result": ToolResultPart,
    "refusal": RefusalPart,
    "thinking": ThinkingPart,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}
_DETAILS = ("auto", "low", "high", "original")


def type_of(part: Part) -> str:
    """Return what a part is called in its stored form."""
    return _NAMES[type(part)]


def dump_parts(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return parts as JSON: an object each, with its `type`; bytes are base64, what is not set is left out."""
    return [_dump(part) for part in parts]


def load_parts(stored: Any) -> tuple[Part, ...]:
    """Return the parts that `dump_parts` wrote; raise `PartsError` for anything else."""
    if not isinstance(stored, Sequence) or isinstance(stored, str | bytes):
        raise PartsError("Parts are a list.")
    return tuple(_load(each) for each in stored)


def _dump(part: Part) -> dict[str, Any]:
    stored: dict[str, Any] = {"type": type_of(part)}
    for name, spec in type(part).__dataclass_fields__.items():
        value = getattr(part, name)
        if value == spec.default:
            continue
        stored[name] = base64.b64encode(value).decode() if isinstance(value, bytes) else value
    return stored


def _load(stored: Any) -> Part:
    if not isinstance(stored, Mapping) or stored.get("type") not in _TYPES:
        raise PartsError("A part is an object with a known type.")
    kind = _TYPES[stored["type"]]
    known = kind.__dataclass_fields__
    if unknown := set(stored) - set(known) - {"type"}:
        raise PartsError(f"A {stored['type']} has no {', '.join(sorted(unknown))}.")
    values = {name: _typed(kind, name, stored[name]) for name in known if name in stored}
    try:
        return kind(**values)
    except TypeError:
        raise PartsError(f"A {stored['type']} lacks a member.") from None


def _typed(kind: type[Part], name: str, value: Any) -> Any:
    if name == "is_error":
        right = isinstance(value, bool)
    elif name == "detail":
        right = value in _DETAILS
    else:
        right = isinstance(value, str)
    if not right:
        raise PartsError(f"The {name} of a {_NAMES[kind]} is of another type.")
    if name != "data":
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise PartsError(f"The data of a {_NAMES[kind]} is not base64.") from None
