"""Tells what messages are made of in words, in the current language: calls of tools, refusals, pictures and files.

Thoughts are told nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from django.utils import translation
from django.utils.translation import gettext as _

from chat.models import Message
from providers.messages import (
    FilePart,
    ImagePart,
    Part,
    PartsError,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    load_parts,
)

# For what programs read, and files whose headings are in this language
_PLAIN_LANGUAGE = "en"


def parts_of(message: Message) -> tuple[Part, ...]:
    """Return what a message is made of, without thoughts; one of words only is one part, an empty one none."""
    try:
        parts = load_parts(message.parts)
    except PartsError:  # what plain SQL wrote may be anything
        parts = ()
    shown = tuple(part for part in parts if not isinstance(part, ThinkingPart))
    return shown or ((TextPart(message.content),) if message.content else ())


def words_for(part: Part) -> str:
    """Return what a part says or is, in words."""
    match part:
        case TextPart(text):
            words = text
        case RefusalPart(text):
            words = _("Declined to answer: %(text)s") % {"text": _apart(text)}
        case ToolCallPart():
            words = _called(part)
        case ToolResultPart(text=text):
            told = _("A tool failed: %(text)s") if part.is_error else _("A tool returned: %(text)s")
            words = told % {"text": _apart(text)}
        case ImagePart(url=url):
            words = _("[Image: %(address)s]") % {"address": _apart(url)} if url else _("[Image]")
        case FilePart(name=name):
            words = _("[File: %(name)s]") % {"name": _apart(name)}
        case ThinkingPart():
            words = ""
    return words


def words_of(message: Message) -> str:
    """Return all that a message says or holds, a paragraph for each part."""
    return "\n\n".join(words for part in parts_of(message) if (words := words_for(part)))


def plain_words_of(message: Message) -> str:
    """Do as `words_of`, in English whatever the current language is: for programs and files."""
    with translation.override(_PLAIN_LANGUAGE):
        return words_of(message)


def _apart(text: str) -> str:
    """Keep what somebody else wrote together within words that run from right to left."""
    return f"\u2068{text}\u2069" if translation.get_language_bidi() else text


def _called(part: ToolCallPart) -> str:
    told = ", ".join(_arguments(part.arguments))
    if not told:
        return _("Called %(tool)s") % {"tool": _apart(part.name)}
    return _("Called %(tool)s with %(arguments)s") % {"tool": _apart(part.name), "arguments": _apart(told)}


def _arguments(text: str) -> Iterator[str]:
    """The arguments by name, or what the model wrote in their place as it stands there."""
    try:
        found: Any = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        found = text
    if isinstance(found, dict):
        yield from (f"{name}: {orjson.dumps(value).decode()}" for name, value in found.items())
    elif text.strip():
        yield text.strip()
