"""Holds what the product really sends to what the OpenAPI document says of it, with nothing left over."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker

from chatcms.tests.described import Schema, schema

# Problems say more of some errors; the document names what all have.
_OPEN = frozenset({"Problem", "AnswerProblem"})


def check(component: str, value: Any) -> None:
    """Fail unless the value is what the component describes."""
    faults = [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in _faults(component, value)]
    assert not faults, f"{component}: {faults[:5]}"


def check_events(component: str, stream: bytes) -> list[str]:
    """Fail unless each event of a stream is what the component describes; return their names."""
    names = []
    for block in stream.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            read = fields | {"data": _read(fields["data"])}
            check(component, read)
            names.append(str(read.get("event", "")))
    return names


def check_webhook(body: bytes) -> None:
    """Fail unless the body is what the document says that webhooks are sent of such an event."""
    sent = orjson.loads(body)
    described = schema()["webhooks"][sent["type"]]["post"]["requestBody"]["content"]["application/json"]["schema"]
    check(described["$ref"].rpartition("/")[2], sent)


def _read(data: str) -> Any:
    return data if data == "[DONE]" else orjson.loads(data)


def _faults(component: str, value: Any) -> Iterator[Any]:
    root = {"$ref": f"#/components/schemas/{component}", "components": {"schemas": _closed()}}
    # The best of the alternatives tells more than that none fits.
    for fault in Draft202012Validator(root, format_checker=FormatChecker()).iter_errors(value):
        yield from sorted(fault.context or [fault], key=lambda one: len(one.absolute_path), reverse=True)


@cache
def _closed() -> Schema:
    components: Schema = copy.deepcopy(schema()["components"]["schemas"])
    for name, component in components.items():
        if name not in _OPEN and "properties" in component:
            component.setdefault("additionalProperties", False)
    return components
