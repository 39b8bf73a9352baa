"""The scripts by which the fake model answers with more than words: calls, thoughts, refusals, JSON."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

import orjson

from providers.tests.fake_rules import SIGNATURE
from providers.tests.fake_wire import Answer, Counts, Piece

Body = dict[str, Any]
THOUGHT = ("I ponder ", "the question ", "at length. ")
SPOKEN = ("It is ", "forty-two.")
REFUSED = ("I cannot ", "help with that.")
ARGUMENTS = ('{"city"', ': "Par', 'is", "days": 3}')
CACHED = Counts(prompt=2000, read=1024, written=512, reasoning=3)
_WORDS = Piece("text", SPOKEN)
_TAGGED = ("<thi", "nk>", *THOUGHT, "</thi", "nk>\n", "\n", *SPOKEN)
_CLOSED = (*THOUGHT, "</th", "ink>", "\n\n", *SPOKEN)
_FIXED = {
    "think": Answer("", pieces=(Piece("thinking", THOUGHT, signature=SIGNATURE), _WORDS), counts=CACHED),
    "think-redacted": Answer("", pieces=(Piece("redacted", ("c2VjcmV0",)), _WORDS)),
    "think-tags": Answer("", pieces=(Piece("text", _TAGGED),)),
    "think-end": Answer("", pieces=(Piece("text", _CLOSED),)),
    "qwq-think-end": Answer("", pieces=(Piece("text", _CLOSED),)),
    "refuse": Answer("", finish="refusal", pieces=(Piece("refusal", REFUSED),)),
    "cached": Answer("", pieces=(_WORDS,), counts=replace(CACHED, reasoning=1)),
}


def answer_in_parts(name: str, body: Body) -> Answer | None:
    """Return the answer of a script that is made of parts, None for any other name."""
    model = str(body.get("model"))
    if name in _FIXED:
        return replace(_FIXED[name], model=model)
    if name in {"tools", "two-tools", "call-anyway"}:
        return _calling(name, model, body)
    if name == "json":
        text = orjson.dumps(_document(_schema_of(body))).decode()
        return Answer(model, pieces=(Piece("text", tuple(re.findall(r".{1,7}", text))),))
    if name == "look":
        return Answer(model, pieces=(Piece("text", tuple(f"{line}\n" for line in _seen(body))),))
    return None


def _calling(name: str, model: str, body: Body) -> Answer:
    """Call tools, unless none may be called or the results are there: then tell them."""
    if results := _results(body):
        return Answer(model, pieces=(Piece("text", ("The tool says: ", "; ".join(results))),))
    named = ["lookup"] if name == "call-anyway" else _callable_tools(body)
    if not named:
        return Answer(model, pieces=(_WORDS,))
    count = 2 if name == "two-tools" else 1
    calls = [Piece("call", ARGUMENTS, id=f"call_{n}", name=named[n % len(named)]) for n in range(count)]
    return Answer(model, finish="tool_calls", pieces=(Piece("text", ("Let me ", "look. ")), *calls))


def _callable_tools(body: Body) -> list[str]:
    choice = body.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind == "none":
        return []
    if isinstance(choice, dict) and kind in {"function", "tool"}:
        return [choice["name"] if kind == "tool" else choice["function"]["name"]]
    return [tool.get("name") or tool["function"]["name"] for tool in body.get("tools") or ()]


def _parts_of(body: Body) -> list[Body]:
    return [
        part
        for message in body["messages"]
        if isinstance(message.get("content"), list)
        for part in message["content"]
        if isinstance(part, dict)
    ]


def _results(body: Body) -> list[str]:
    told = [str(message["content"]) for message in body["messages"] if message["role"] == "tool"]
    blocks = [part for part in _parts_of(body) if part["type"] == "tool_result"]
    return told + [("Error: " if part.get("is_error") else "") + str(part["content"]) for part in blocks]


def _schema_of(body: Body) -> Any:
    form = body.get("response_format") or {}
    anthropics = (body.get("output_config") or {}).get("format") or {}
    return (form.get("json_schema") or {}).get("schema") or anthropics.get("schema")


def _document(schema: Any) -> Any:
    """A document that keeps to a schema, as far as the tests need it."""
    if not schema:
        return {"answer": 42}
    match schema.get("type"):
        case "object":
            return {name: _document(each) for name, each in schema.get("properties", {}).items()}
        case "array":
            return [_document(schema["items"])]
        case "integer" | "number":
            return 42
        case "boolean":
            return True
    return "forty-two"


def _seen(body: Body) -> list[str]:
    """What arrived besides words: a line for each image and file."""
    lines = [_line_of(part) for part in _parts_of(body)]
    return [line for line in lines if line] or ["nothing"]


def _line_of(part: Body) -> str:
    if part["type"] == "image_url":
        return _address("image", part["image_url"]["url"])
    if part["type"] == "file":
        return _address(f"file {part['file']['filename']}", part["file"]["file_data"])
    if part["type"] not in {"image", "document"}:
        return ""
    source = part["source"]
    name = "image" if part["type"] == "image" else f"file {part['title']}"
    if source["type"] == "url":
        return _address(name, source["url"])
    data = source["data"] if source["type"] == "base64" else base64.b64encode(source["data"].encode()).decode()
    return _address(name, f"data:{source['media_type']};base64,{data}")


def _address(name: str, url: str) -> str:
    if not url.startswith("data:"):
        return f"{name} at {url}"
    kind, _, data = url.removeprefix("data:").partition(";base64,")
    return f"{name} of type {kind}: {base64.b64decode(data)!r}"
