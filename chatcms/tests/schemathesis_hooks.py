"""Tells schemathesis what our formats look like where the standards allow more than is of use to anybody."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import strategies as st

# A stream is one text to OpenAPI 3.1; schemathesis takes it apart and compares each event with the schema.
_EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string"},
        "id": {"type": "string"},
    },
}


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Describe streams by their events."""
    for item in raw_schema["paths"].values():
        for operation in item.values():
            for answer in operation.get("responses", {}).values():
                if "text/event-stream" in answer.get("content", {}):
                    answer["content"]["text/event-stream"]["schema"] = _EVENT


# Addresses of things on the web as people have them; the standard's may lack a host or be of any scheme.
schemathesis.openapi.format(
    "uri",
    st.builds(
        "https://{}.example.com/{}".format,
        st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True),
        st.from_regex(r"[a-z0-9/_.-]{0,20}", fullmatch=True),
    ),
)
# The standard's may have quotes, comments and IP addresses in them.
schemathesis.openapi.format(
    "email",
    st.builds(
        "{}@{}.example".format,
        st.from_regex(r"[a-z][a-z0-9.]{0,10}[a-z]", fullmatch=True).filter(lambda text: ".." not in text),
        st.from_regex(r"[a-z]{1,10}", fullmatch=True),
    ),
)
