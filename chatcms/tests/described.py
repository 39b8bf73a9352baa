"""Reads the published schema as tests need it: its operations, with their examples and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from chatcms.config.environment import BASE_DIR

COMMITTED = BASE_DIR / "docs/openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")

Schema = dict[str, Any]
# The names that lead to a part of a body, `[]` for the elements of a list.
Place = tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    described: Schema

    @property
    def id(self) -> str:
        """The name by which clients call it."""
        name: str = self.described["operationId"]
        return name

    @property
    def label(self) -> str:
        """The method and the path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def body(self) -> Schema:
        """What its JSON body looks like; empty when it takes none."""
        content = self.described.get("requestBody", {}).get("content", {}).get("application/json", {})
        found: Schema = content.get("schema", {})
        return found

    @property
    def takes_json(self) -> bool:
        """Whether it can be sent without a file."""
        return "requestBody" not in self.described or bool(self.body)

    @property
    def example(self) -> Any:
        """The first example of a JSON body; None when none is sent."""
        content = self.described.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = list(content.get("examples", {}).values())
        return examples[0]["value"] if examples else None

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """Where its answers lead to: the names of operations, each with where their parameters come from."""
        found: dict[str, dict[str, str]] = {}
        for answer in self.described["responses"].values():
            found |= {link["operationId"]: link["parameters"] for link in answer.get("links", {}).values()}
        return found

    def parameters(self, place: str) -> list[Schema]:
        """Its parameters in the path, the query or the headers."""
        every = [resolved(parameter) for parameter in self.described.get("parameters", [])]
        return [parameter for parameter in every if parameter["in"] == place]

    @property
    def query_ids(self) -> list[str]:
        """The parameters of its query that are ids."""
        query = self.parameters("query")
        return [parameter["name"] for parameter in query if list(ids_of(parameter["schema"]))]

    def is_named(self, route: str) -> bool:
        """Whether it is the route and method of this name, which has its parameters in Django's brackets."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) == self.label.replace(" /", " ")

    def url(self, values: dict[str, str]) -> str:
        """The path with its varying parts filled in; numbers, which only count inside of something else, are 1."""
        return re.sub(r"{(\w+)}", lambda part: values.get(part[1], "1"), self.path)


@cache
def schema() -> Schema:
    """The schema that is checked in."""
    loaded: Schema = yaml.load(COMMITTED.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


def resolved(part: Schema) -> Schema:
    """A part of the schema with what it refers to, and all that it says in several places, in one."""
    merged: Schema = {}
    for one in part.get("allOf", []):
        merged |= resolved(one)
    if "$ref" in part:
        target: Any = schema()
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        merged |= resolved(target)
    return merged | {name: value for name, value in part.items() if name not in {"$ref", "allOf"}}


def places_of(part: Schema, *place: str) -> Iterator[tuple[Place, Schema]]:
    """Every part of a body that has no parts itself, with where it is."""
    part = resolved(part)
    inside = {**part.get("properties", {}), **({"[]": part["items"]} if "items" in part else {})}
    for name, one in inside.items():
        yield from places_of(one, *place, name)
    for one in (*part.get("oneOf", []), *part.get("anyOf", [])):
        yield from places_of(one, *place)
    if not inside:
        yield place, part


def ids_of(part: Schema) -> Iterator[Place]:
    """Where in a body ids are sent."""
    yield from (place for place, one in places_of(part) if one.get("format") == "uuid")


def texts_of(part: Schema) -> Iterator[Place]:
    """Where in a body texts are sent whose letters are free."""
    for place, one in places_of(part):
        if "string" in one.get("type", []) and not {"enum", "format"} & one.keys():
            yield place


def with_value(body: Any, place: Place, value: Any) -> Any:
    """The body with the value at that place."""
    if not place:
        return value
    if place[0] == "[]":
        first = body[0] if body else None
        return [with_value(first, place[1:], value)]
    names = body if isinstance(body, dict) else {}
    return {**names, place[0]: with_value(names.get(place[0]), place[1:], value)}


def without_value(body: Any, place: Place) -> Any:
    """The body with nothing at that place; what is a list's element goes with the list."""
    if not isinstance(body, dict) or place[0] not in body:
        return body
    rest = {name: value for name, value in body.items() if name != place[0]}
    if place[1:] in {(), ("[]",)}:
        return rest
    inside = body[place[0]]
    if place[1] == "[]":
        return {**rest, place[0]: [without_value(one, place[2:]) for one in inside]}
    return {**rest, place[0]: without_value(inside, place[1:])}


def operations() -> Iterator[Operation]:
    """Every operation of it."""
    for path, item in schema()["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method])


def undescribed() -> Iterator[str]:
    """Where the document has a property or parameter, or a value of an enumeration, that it does not explain."""
    for name, component in schema()["components"]["schemas"].items():
        yield from _undescribed(component, name)
        words = component.get("description", "")
        if len(component.get("enum", [])) > 1:
            yield from (f"{name}: the value {one}" for one in component["enum"] if not _is_explained(one, words))
    for operation in operations():
        for parameter in map(resolved, operation.described.get("parameters", [])):
            if not parameter.get("description"):
                yield f"{operation.label}: the parameter {parameter['name']}"


def _is_explained(value: str, words: str) -> bool:
    said = re.search(rf"`{re.escape(value)}`(?: -|:) (.+)", words)
    return said is not None and said[1].strip(". ").replace(" ", "_").casefold() != value.casefold()


def _undescribed(part: Any, place: str) -> Iterator[str]:
    if not isinstance(part, dict):
        return
    for name, inside in part.get("properties", {}).items():
        if not inside.get("description"):
            yield f"{place}.{name}"
        yield from _undescribed(inside, f"{place}.{name}")
    for inside in (part.get("items"), part.get("additionalProperties")):
        yield from _undescribed(inside, f"{place}[]")
    for word in ("oneOf", "anyOf", "allOf"):
        for inside in part.get(word, []):
            yield from _undescribed(inside, place)
