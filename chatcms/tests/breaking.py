"""Finds what in a newer OpenAPI schema breaks clients that were written for an older one.

What clients send must still be understood: requests may become laxer, never stricter. What clients read must still
be there: answers may gain things, never lose them or change their kind. A new value of an enumeration in an answer
is no break: clients are told to expect unknown ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
_LOWER_IS_STRICTER = ("maxLength", "maximum", "maxItems", "maxProperties", "exclusiveMaximum")
_HIGHER_IS_STRICTER = ("minLength", "minimum", "minItems", "minProperties", "exclusiveMinimum")
_UNIONS = ("oneOf", "anyOf")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return a line for each thing that would break a client of `old`; none when `new` may be released as it is."""
    return list(_Comparison(old, new).all())


@dataclass
class _Comparison:
    old: Schema
    new: Schema

    def all(self) -> Iterator[str]:
        for path, item in self.old.get("paths", {}).items():
            for method in METHODS:
                if method not in item:
                    continue
                where = f"{method.upper()} {path}"
                now = self.new.get("paths", {}).get(path, {}).get(method)
                if now is None:
                    yield f"{where}: is gone"
                else:
                    yield from self._operation(where, item[method], now)

    # --- operations --------------------------------------------------------------------------------------

    def _operation(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        yield from self._parameters(where, old, new)
        yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
        for status, response in old.get("responses", {}).items():
            if not status.startswith("2"):
                continue
            now = new.get("responses", {}).get(status)
            if now is None:
                yield f"{where}: no longer answers with {status}"
                continue
            yield from self._contents(f"{where} {status}", response, now, is_request=False)

    def _parameters(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = self._by_place(self.old, old), self._by_place(self.new, new)
        for key, parameter in before.items():
            name = f"{where}: {key[0]} parameter {key[1]}"
            if key not in after:
                yield f"{name} is gone"
                continue
            if after[key].get("required") and not parameter.get("required"):
                yield f"{name} is required now"
            schemas = parameter.get("schema", {}), after[key].get("schema", {})
            yield from self._schema(name, *schemas, is_request=True, seen=frozenset())
        for key, parameter in after.items():
            if key not in before and parameter.get("required"):
                yield f"{where}: {key[0]} parameter {key[1]} is new and required"

    def _by_place(self, document: Schema, operation: Schema) -> dict[tuple[str, str], Schema]:
        parameters = [_resolved(document, one) for one in operation.get("parameters", [])]
        return {(one["in"], one["name"]): one for one in parameters}

    def _body(self, where: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        if new is not None and new.get("required") and not (old or {}).get("required"):
            yield f"{where}: a body is required now"
        if old is not None and new is None:
            yield f"{where}: no body is understood any more"
        if old is not None and new is not None:
            yield from self._contents(f"{where} body", old, new, is_request=True)

    def _contents(self, where: str, old: Schema, new: Schema, *, is_request: bool) -> Iterator[str]:
        before = _resolved(self.old, old).get("content", {})
        after = _resolved(self.new, new).get("content", {})
        for kind, content in before.items():
            if kind not in after:
                yield f"{where}: {kind} is gone"
                continue
            schemas = content.get("schema", {}), after[kind].get("schema", {})
            yield from self._schema(where, *schemas, is_request=is_request, seen=frozenset())

    # --- schemas -----------------------------------------------------------------------------------------

    def _schema(
        self, where: str, old: Schema, new: Schema, *, is_request: bool, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        pair = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True))
        if pair in seen:
            return
        seen |= {pair}
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from self._kinds(where, old, new, is_request=is_request)
        if is_request:
            yield from _limits(where, old, new)
        yield from self._unions(where, old, new, is_request=is_request)
        yield from self._properties(where, old, new, is_request=is_request, seen=seen)
        if "items" in old and "items" in new:
            yield from self._schema(f"{where}[]", old["items"], new["items"], is_request=is_request, seen=seen)

    def _kinds(self, where: str, old: Schema, new: Schema, *, is_request: bool) -> Iterator[str]:
        before, after = _types(old), _types(new)
        fits = _covers(after, before) if is_request else _covers(before, after)
        if not fits:
            yield f"{where}: was {_named(before)}, is {_named(after)}"
        if old.get("format") != new.get("format") and "string" in before | after:
            loosened = is_request and new.get("format") is None
            if not loosened:
                yield f"{where}: the format was {old.get('format')}, is {new.get('format')}"
        if is_request and "enum" in new:
            lost = [value for value in old.get("enum", ["anything"]) if value not in new["enum"]]
            if lost:
                yield f"{where}: {', '.join(map(str, lost))} is not taken any more"

    def _unions(self, where: str, old: Schema, new: Schema, *, is_request: bool) -> Iterator[str]:
        for word in _UNIONS:
            before = [_expanded(self.old, one) for one in old.get(word, [])]
            after = [_expanded(self.new, one) for one in new.get(word, [])]
            lost = [one for one in before if one not in after] if is_request else []
            gained = [one for one in after if one not in before] if not is_request and before else []
            if before and (lost or gained):
                yield f"{where}: the alternatives have changed"

    def _properties(
        self, where: str, old: Schema, new: Schema, *, is_request: bool, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_after = set(old.get("required", [])), set(new.get("required", []))
        if not before:
            return
        for name, schema in before.items():
            if name not in after:
                yield f"{where}/{name}: is gone"
                continue
            if not is_request and name in needed_before - needed_after:
                yield f"{where}/{name}: is not always there any more"
            yield from self._schema(f"{where}/{name}", schema, after[name], is_request=is_request, seen=seen)
        if is_request:
            for name in sorted(needed_after - needed_before):
                yield f"{where}/{name}: is required now"


def _limits(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for word in _LOWER_IS_STRICTER:
        if word in new and (word not in old or new[word] < old[word]):
            yield f"{where}: {word} was {old.get(word, 'none')}, is {new[word]}"
    for word in _HIGHER_IS_STRICTER:
        if word in new and (word not in old or new[word] > old[word]):
            yield f"{where}: {word} was {old.get(word, 'none')}, is {new[word]}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: the pattern was {old.get('pattern', 'none')}, is {new['pattern']}"


def _resolved(document: Schema, schema: Schema) -> Schema:
    """Follow references, and take together what `allOf` and what stands beside it say."""
    merged = {name: value for name, value in schema.items() if name not in {"$ref", "allOf"}}
    parts = list(schema.get("allOf", []))
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        parts.append(target)
    for part in parts:
        for name, value in _resolved(document, part).items():
            merged.setdefault(name, value)
    return merged


_WORDS = frozenset({"description", "title", "example", "examples"})


def _expanded(document: Schema, schema: Any, seen: frozenset[str] = frozenset()) -> Any:
    """The schema without references and words for people, so that two can be compared."""
    if isinstance(schema, list):
        return [_expanded(document, one, seen) for one in schema]
    if not isinstance(schema, dict):
        return schema
    met = {one["$ref"] for one in (schema, *schema.get("allOf", [])) if "$ref" in one}
    if met & seen:
        return sorted(met)
    plain, seen = _resolved(document, schema), seen | met
    expanded = {name: _expanded(document, value, seen) for name, value in plain.items() if name not in _WORDS}
    if "properties" in plain:
        inside = plain["properties"].items()
        expanded["properties"] = {name: _expanded(document, one, seen) for name, one in inside}
    return expanded


def _types(schema: Schema) -> set[str]:
    given = schema.get("type", [])
    types = {given} if isinstance(given, str) else set(given)
    return types | ({"null"} if schema.get("nullable") else set())


def _covers(wide: set[str], narrow: set[str]) -> bool:
    """Whether everything of `narrow` fits `wide`; nothing named is anything, and a whole number is a number."""
    if not wide:
        return True
    return bool(narrow) and all(one in wide or (one == "integer" and "number" in wide) for one in narrow)


def _named(types: set[str]) -> str:
    return " or ".join(sorted(types)) or "anything"
