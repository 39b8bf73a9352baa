"""What a model can do, as data, and the one place that refuses to ask a model for more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chatcms.core.errortext import ErrorText
from providers.exceptions import ModelCannotError
from providers.messages import FilePart, ImagePart, Part, ToolCallPart, ToolResultPart

if TYPE_CHECKING:
    from providers.types import ChatRequest, ModelInfo

# How a vendor keeps the beginning of a prompt for the next request: not at all, by itself, or where it is told to.
CacheKind = Literal["none", "prefix", "explicit"]
MaxTokensName = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What a model can do. The defaults are what nearly every chat model takes.

    `json` is a JSON object of any shape, `output_schema` one of a given schema. A model that `thinks` spends a part of
    `max_tokens` on thoughts that are not shown. A `small` one is given shorter rules, without marks and examples.
    `max_tokens_name` is how OpenAI's wire format calls that limit for it.
    """

    temperature: bool = True
    tools: bool = False
    images: bool = False
    files: bool = False
    json: bool = False
    output_schema: bool = False
    thinks: bool = False
    small: bool = False
    cache: CacheKind = "none"
    max_tokens_name: MaxTokensName = "max_tokens"


def check(request: ChatRequest, info: ModelInfo) -> None:
    """Raise `ModelCannotError` for what the request asks and the model cannot do, before anything is sent."""
    for problem in _lacking(request, info):
        raise ModelCannotError(problem, model=info.id)


def _lacking(request: ChatRequest, info: ModelInfo) -> Iterator[ErrorText]:
    model, profile = info.id, info.profile
    parts = [part for message in request.messages for part in message.parts]
    if not profile.images and _has(parts, ImagePart):
        yield ErrorText(
            "The model %(model)s reads no images. Choose one that does, or leave the images out.", model=model
        )
    if not profile.files and _has(parts, FilePart):
        yield ErrorText(
            "The model %(model)s reads no files. Choose one that does, or leave the files out.", model=model
        )
    if not profile.tools and (request.tools or _has(parts, ToolCallPart, ToolResultPart)):
        yield ErrorText(
            "The model %(model)s calls no tools. Choose one that does, or leave the tools out.", model=model
        )
    if request.output is None:
        return
    if request.output.schema is None and not profile.json:
        yield ErrorText(
            "The model %(model)s has no JSON mode. Choose one that has, or send a schema if the model takes one.",
            model=model,
        )
    if request.output.schema is not None and not profile.output_schema:
        yield ErrorText(
            "The model %(model)s keeps to no schema. Choose one that does, or leave the schema out.", model=model
        )


def _has(parts: Iterable[Part], *kinds: type[Part]) -> bool:
    return any(isinstance(part, kinds) for part in parts)
