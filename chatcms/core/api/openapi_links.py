"""Writes into the OpenAPI schema where one goes from an answer: from a thing to whatever can be done with it.

Made from addresses and names alone. What `POST /bots` makes and `GET /bots` lists is what `/bots/{bot_id}` and all that
lies below it are about, wherever in the same part of the API that stands (`/documents/{document_id}` for what
`/datasets/{dataset_id}/documents` makes). What has no id itself but names things, as an answer its `conversation_id`,
leads to those. Documentation shows the links, and tests follow them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_PARAMETER = re.compile(r"{(\w+)}")
_AREA = re.compile(r"^/v1/\w+/")


@dataclass(frozen=True)
class _Target:
    """An operation on one thing: the address of its kind, what its id is called there, and what else it needs."""

    operation_id: str
    kind: str
    parameter: str
    others: frozenset[str]


def add_links(result: Schema, **_: Any) -> Schema:
    """Link every operation that makes, lists or names things with all that take one; a hook of drf-spectacular."""
    targets = list(_targets(result))
    for path, method, operation in _operations(result):
        for status, answer in operation["responses"].items():
            if not status.startswith("2"):
                continue
            found = _found(path, method, _properties(result, _body(answer)), result, targets)
            links = {target.operation_id: _link(target, path, place) for target, place in found}
            if links:
                answer["links"] = dict(sorted(links.items()))
    return result


def _operations(result: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in result["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _targets(result: Schema) -> Iterator[_Target]:
    for path, _, operation in _operations(result):
        names = _PARAMETER.findall(path)
        for name in names:
            kind = path[: path.index(f"/{{{name}}}")]
            yield _Target(operation["operationId"], kind, name, frozenset(names) - {name})


def _found(
    path: str, method: str, answer: Schema, result: Schema, targets: list[_Target]
) -> Iterator[tuple[_Target, str]]:
    """What an answer leads to, each with the part of the answer that it is to be asked with."""
    about = [target for target in targets if _is_about(path, target)]
    if method == "post" and "id" in answer:
        yield from ((target, "/id") for target in about)
    elif method == "post":
        for target in targets:
            named = target.parameter in answer and target.parameter.endswith("_id")
            if named and _area(path) == _area(target.kind) and not target.others and target.parameter not in path:
                yield target, f"/{target.parameter}"
    elif method == "get":
        listed = _properties(result, answer.get("results", {}).get("items", {}))
        for target in about:
            name = target.parameter if target.parameter in listed else "id"
            if name in listed:
                yield target, f"/results/0/{name}"


def _is_about(path: str, target: _Target) -> bool:
    """Whether what the address makes or lists is what the target takes, and all else that it takes is known there."""
    last = path.rpartition("/")[2]
    same = _area(path) == _area(target.kind) and re.search(rf"[/-]{last}$", target.kind) is not None
    return same and target.others <= set(_PARAMETER.findall(path))


def _link(target: _Target, path: str, place: str) -> Schema:
    known = {name: f"$request.path.{name}" for name in _PARAMETER.findall(path) if name in target.others}
    return {"operationId": target.operation_id, "parameters": {**known, target.parameter: f"$response.body#{place}"}}


def _area(path: str) -> str:
    found = _AREA.match(path)
    return found[0] if found else ""


def _body(answer: Schema) -> Schema:
    schema: Schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _properties(result: Schema, schema: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    properties: Schema = (result["components"]["schemas"][name] if name else schema).get("properties", {})
    return properties
