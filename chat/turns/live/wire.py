"""Writes the events of a turn for another process, and reads them again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any, get_args

import orjson

from chat.turns.events import CitationMade, Done, Failed, Retrieved, ToolCalled, TurnEvent
from chat.turns.exceptions import AnswerBrokeOffError
from chat.turns.sources import Source
from chatcms.core.exceptions import AppError
from chatcms.core.text.decimals import jsonable
from providers.messages import Message, Role, ToolCallPart, dump_parts, load_parts

# What each is called on the wire.
_EVENTS: dict[str, type[TurnEvent]] = {kind.__name__: kind for kind in get_args(TurnEvent)}


def dumps(events: Iterable[TurnEvent]) -> bytes:
    """Return events as JSON; a citation names its source by number, since `Retrieved` has it whole."""
    return orjson.dumps([[type(event).__name__, _plain(event)] for event in events], default=jsonable)


class Reader:
    """Reads the events of one turn, which it gets from its beginning."""

    def __init__(self) -> None:
        self._sources: dict[int, Source] = {}

    def loads(self, data: bytes) -> Iterator[TurnEvent]:
        """Yield the events that `dumps` wrote."""
        for name, values in orjson.loads(data):
            yield self._event(name, values)

    def _event(self, name: str, values: Any) -> TurnEvent:
        if name == CitationMade.__name__:
            return CitationMade(self._sources[values])
        if name == Failed.__name__:
            values["error"] = error_of(**values["error"])
        if name == ToolCalled.__name__:
            return ToolCalled(ToolCallPart(**values["part"]), values["index"])
        if name == Retrieved.__name__:
            values["sources"] = tuple(Source(**_typed(source)) for source in values["sources"])
            values["messages"] = tuple(_message(**message) for message in values["messages"])
            self._sources = {source.number: source for source in values["sources"]}
        if name == Done.__name__:
            values["consulted"] = tuple(self._sources[number] for number in values.get("consulted", ()))
        event: TurnEvent = _EVENTS[name](**_typed(values))
        return event


def error_of(code: str, detail: str | None = None, extra: dict[str, Any] | None = None) -> AppError:
    """Return the error of that code, as it was raised in another process or is named in the database."""
    kind = next((kind for kind in _kinds(AppError) if kind.code == code), AnswerBrokeOffError)
    # Not by the class's own constructor, which may want what is no longer known.
    error = kind.__new__(kind)
    AppError.__init__(error, detail, **(extra or {}))
    return error


def _kinds(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def _plain(event: TurnEvent) -> Any:
    if isinstance(event, CitationMade):
        return event.source.number
    if isinstance(event, Failed):
        error = {"code": event.error.code, "detail": event.error.detail, "extra": event.error.extra}
        return {**_values(event), "error": error}
    if isinstance(event, Retrieved):
        messages = [{"role": message.role, "parts": dump_parts(message.parts)} for message in event.messages]
        return {**_values(event), "messages": messages}
    if isinstance(event, Done):
        return {**_values(event), "consulted": [source.number for source in event.consulted]}
    return event


def _values(event: TurnEvent) -> dict[str, Any]:
    return {field.name: getattr(event, field.name) for field in fields(event)}


def _message(role: Role, parts: Any) -> Message:
    return Message(role, load_parts(parts))


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _typed_value(name, value) for name, value in values.items()}


def _typed_value(name: str, value: Any) -> Any:
    if isinstance(value, str) and name.endswith("_id"):
        return uuid.UUID(value)
    if isinstance(value, str) and name == "cost":
        return Decimal(value)
    return value
