"""Tells schemathesis what our schema means where it is misread, or where standards allow more than is of use.

What is rewritten says the same in other words; the tests' asking goes by that, the product's schema stays as it is.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import strategies as st

from chat.turns.live.position import ID_PATTERN

Schema = dict[str, Any]

# A stream is one text to OpenAPI 3.1; schemathesis takes it apart and compares each event with the schema.
_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}, "id": {"type": "string"}},
}


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: Schema) -> None:
    """Put into other words what is misread."""
    for part in _parts(raw_schema):
        if "text/event-stream" in part:
            part["text/event-stream"]["schema"] = _EVENT
        # A header that looks like a number is never made from a pattern, and what does not fit is sent as if it did.
        if part.get("pattern") == ID_PATTERN:
            part.pop("pattern")
            part["format"] = "event-id"
        # Of a text that may be null the format is forgotten, and an empty one sent as if it fitted.
        if isinstance(part.get("type"), list) and "format" in part:
            kinds = part.pop("type")
            form = {"format": part.pop("format")}
            part["oneOf"] = [{"type": kind} if kind == "null" else {"type": kind, **form} for kind in kinds]


def _parts(schema: Any) -> Iterator[Schema]:
    """Every object in a JSON document."""
    if isinstance(schema, dict):
        for inside in list(schema.values()):
            yield from _parts(inside)
        yield schema
    elif isinstance(schema, list):
        for inside in schema:
            yield from _parts(inside)


schemathesis.openapi.format("event-id", st.from_regex(ID_PATTERN, fullmatch=True))
# Plain texts and no patterns, which are made letter by letter: where a length is asked for that no address has, it is
# tried many times over.
_WORD = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
# Addresses of things on the web as people have them; the standard's may lack a host or be of any scheme.
schemathesis.openapi.format("uri", st.builds("https://{}.example.com/{}".format, _WORD, _WORD))
# The standard's may have quotes, comments and IP addresses in them.
schemathesis.openapi.format("email", st.builds("{}.{}@{}.example".format, _WORD, _WORD, _WORD))
