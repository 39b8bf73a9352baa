"""A client written for the last release understands this one: no breaking change of the API goes unseen."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import yaml

from chatcms.config.environment import BASE_DIR
from chatcms.tests.breaking import breaks
from chatcms.tests.described import Schema, schema

RELEASED = BASE_DIR / "docs/openapi.baseline.yaml"


# What looks like a break and is none, because the server refused it all along without the schema saying so: why.
NO_BREAK: dict[str, str] = {}


def test_nothing_that_was_released_is_broken() -> None:
    found = breaks(yaml.load(RELEASED.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader), schema())
    assert sorted(found) == sorted(NO_BREAK), (
        "Clients of the last release would break (docs/adr/0015). Find another way. Only while the version in the "
        "making has never been released: cp docs/openapi.yaml docs/openapi.baseline.yaml\n" + "\n".join(found)
    )


API: Schema = {
    "paths": {
        "/v1/bots": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"$ref": "#/components/parameters/Key"},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bot"}}}}
                },
            },
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BotRequest"}}}
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Bot"}]}},
                        }
                    },
                    "204": {"description": "Nothing to do."},
                },
            },
        }
    },
    "components": {
        "parameters": {"Key": {"name": "Key", "in": "header", "schema": {"type": "string"}}},
        "schemas": {
            "Bot": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "name": {"type": "string"},
                    "state": {"type": "string", "enum": ["on", "off"]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "parent": {"$ref": "#/components/schemas/Bot"},
                    "weight": {"type": "number"},
                    "value": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
            "BotRequest": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 100, "minLength": 1},
                    "state": {"type": "string", "enum": ["on", "off"]},
                    "weight": {"type": "number", "minimum": 0},
                    "tags": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
                    "note": {"type": ["string", "null"]},
                    "value": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
        },
    },
}

Change = Callable[[Schema], object]


def _bot(schema: Schema) -> Schema:
    found: Schema = schema["components"]["schemas"]["Bot"]
    return found


def _request(schema: Schema) -> Schema:
    found: Schema = schema["components"]["schemas"]["BotRequest"]
    return found


def _get(schema: Schema) -> Schema:
    found: Schema = schema["paths"]["/v1/bots"]["get"]
    return found


def _post(schema: Schema) -> Schema:
    found: Schema = schema["paths"]["/v1/bots"]["post"]
    return found


BREAKING: dict[str, Change] = {
    "a path is gone": lambda new: new["paths"].pop("/v1/bots"),
    "a method is gone": lambda new: new["paths"]["/v1/bots"].pop("post"),
    "a success status is gone": lambda new: _post(new)["responses"].pop("204"),
    "a kind of answer is gone": lambda new: _get(new)["responses"]["200"]["content"].clear(),
    "a property of an answer is gone": lambda new: _bot(new)["properties"].pop("state"),
    "a property of an answer has another type": lambda new: _bot(new)["properties"].update(name={"type": "integer"}),
    "a property of an answer may be null": lambda new: _bot(new)["properties"].update(
        name={"type": ["string", "null"]}
    ),
    "a property of an answer has another format": lambda new: _bot(new)["properties"].update(id={"type": "string"}),
    "a property of an answer is not always there": lambda new: _bot(new)["required"].remove("name"),
    "the elements of an answer have another type": lambda new: _bot(new)["properties"]["tags"].update(
        items={"type": "integer"}
    ),
    "a whole number becomes any": lambda new: _bot(new)["properties"]["value"]["oneOf"].append({"type": "number"}),
    "a new required property": lambda new: (
        _request(new)["required"].append("colour"),
        _request(new)["properties"].update(colour={"type": "string"}),
    ),
    "an optional property becomes required": lambda new: _request(new)["required"].append("state"),
    "a property of a request is gone": lambda new: _request(new)["properties"].pop("state"),
    "a property of a request has another type": lambda new: _request(new)["properties"].update(
        state={"type": "boolean"}
    ),
    "null is not taken any more": lambda new: _request(new)["properties"].update(note={"type": "string"}),
    "a value of an enumeration is not taken any more": lambda new: _request(new)["properties"]["state"].update(
        enum=["on"]
    ),
    "an enumeration where all was free": lambda new: _request(new)["properties"]["name"].update(enum=["a"]),
    "an alternative is not taken any more": lambda new: _request(new)["properties"]["value"]["oneOf"].pop(),
    "a shorter text": lambda new: _request(new)["properties"]["name"].update(maxLength=99),
    "a longer least text": lambda new: _request(new)["properties"]["name"].update(minLength=2),
    "a new limit": lambda new: _request(new)["properties"]["weight"].update(maximum=9),
    "a higher least number": lambda new: _request(new)["properties"]["weight"].update(minimum=1),
    "fewer elements": lambda new: _request(new)["properties"]["tags"].update(maxItems=4),
    "a new pattern": lambda new: _request(new)["properties"]["name"].update(pattern="^a"),
    "numbers become whole": lambda new: _request(new)["properties"]["weight"].update(type="integer"),
    "a body is required": lambda new: _post(new)["requestBody"].update(required=True),
    "no body any more": lambda new: _post(new).pop("requestBody"),
    "a body where there was none": lambda new: _get(new).update(requestBody={"required": True, "content": {}}),
    "a kind of body is gone": lambda new: _post(new)["requestBody"]["content"].clear(),
    "a parameter is gone": lambda new: _get(new)["parameters"].pop(0),
    "a parameter becomes required": lambda new: _get(new)["parameters"][0].update(required=True),
    "a new required parameter": lambda new: _get(new)["parameters"].append(
        {"name": "who", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "a parameter has a narrower limit": lambda new: _get(new)["parameters"][0]["schema"].update(maximum=50),
    "a shared parameter has another type": lambda new: new["components"]["parameters"]["Key"].update(
        schema={"type": "integer"}
    ),
}


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
def test_a_change_that_breaks_clients_is_found(change: Change) -> None:
    new = copy.deepcopy(API)
    change(new)
    assert breaks(API, new)


HARMLESS: dict[str, Change] = {
    "nothing": lambda new: None,
    "a new path": lambda new: new["paths"].update({"/v1/cats": {"get": {"responses": {}}}}),
    "a new method": lambda new: new["paths"]["/v1/bots"].update({"delete": {"responses": {}}}),
    "a new error": lambda new: _get(new)["responses"].update({"404": {"description": ""}}),
    "a new property of an answer": lambda new: _bot(new)["properties"].update(colour={"type": "string"}),
    "a property that is always there now": lambda new: _bot(new)["required"].append("state"),
    "a new value in an answer": lambda new: _bot(new)["properties"]["state"]["enum"].append("asleep"),
    "a number that is always whole": lambda new: _bot(new)["properties"]["weight"].update(type="integer"),
    "a new optional property": lambda new: _request(new)["properties"].update(colour={"type": "string"}),
    "a property that may be left out now": lambda new: _request(new)["required"].remove("name"),
    "a new value that is taken": lambda new: _request(new)["properties"]["state"]["enum"].append("asleep"),
    "a longer text": lambda new: _request(new)["properties"]["name"].update(maxLength=200),
    "a limit less": lambda new: _request(new)["properties"]["weight"].pop("minimum"),
    "null is taken too": lambda new: _request(new)["properties"]["name"].update(type=["string", "null"]),
    "a new optional parameter": lambda new: _get(new)["parameters"].append(
        {"name": "who", "in": "query", "schema": {"type": "string"}}
    ),
    "a shape of its own instead of a reference": lambda new: _get(new)["responses"]["200"]["content"].update(
        {"application/json": {"schema": copy.deepcopy(_bot(new))}}
    ),
    "other words": lambda new: _bot(new)["properties"]["name"].update(description="What it is called."),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_a_change_that_harms_nobody_is_let_through(change: Change) -> None:
    new = copy.deepcopy(API)
    change(new)
    assert breaks(API, new) == []
