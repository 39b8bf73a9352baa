"""Reads the published schema as tests need it: its operations, with their examples and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from chatcms.environment import BASE_DIR

COMMITTED = BASE_DIR / "docs/openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")

Schema = dict[str, Any]


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

    def url(self, values: dict[str, str]) -> str:
        """The path with its varying parts filled in."""
        return re.sub(r"{(\w+)}", lambda part: values[part[1]], self.path)


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


def operations() -> Iterator[Operation]:
    """Every operation of it."""
    for path, item in schema()["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method])
