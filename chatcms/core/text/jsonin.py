"""Reads JSON that comes from outside: from bytes, in UTF-8, in bounds, and never with another error than one."""

from __future__ import annotations

from typing import Any, Final

import orjson

from chatcms.core.exceptions import AppError

# The deepest body of the product's own has about ten levels.
MAX_DEPTH: Final = 32
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class MalformedJSONError(AppError):
    """The text is not JSON that the product reads."""

    code = "malformed_body"
    kind = "invalid"
    default_detail = "Send JSON in UTF-8."


def read_json(data: bytes | str) -> Any:
    """Return what the JSON says; raise `MalformedJSONError` for a text that is none, is nested too deep, or too large.

    A number that no finite float can hold is refused, too.
    """
    try:
        value = orjson.loads(data.removeprefix(_BYTE_ORDER_MARK) if isinstance(data, bytes) else data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedJSONError(f"This is not JSON: {error.msg} at {place}.") from None
    if _may_be_deep(data):
        _check_depth(value)
    return value


def _may_be_deep(data: bytes | str) -> bool:
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    return raw.count(b"[") + raw.count(b"{") > MAX_DEPTH


def _check_depth(value: Any) -> None:
    """Walk level by level, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise MalformedJSONError(f"The JSON is nested more than {MAX_DEPTH} levels deep.")


def _inside(value: Any) -> list[Any]:
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [inner for inner in values if isinstance(inner, dict | list)]
