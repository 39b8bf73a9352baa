"""Marks up to where Anthropic keeps a prompt, for five minutes, so that the next request reads it from the cache.

The vendor looks a prompt up from its beginning: tools, system, messages. Each mark costs nothing by itself; what comes
before it is written once, at a higher price, and then read at a tenth of the usual one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

Blocks = Sequence[Mapping[str, Any]]

# Below this the vendor keeps nothing; some models want more, where a mark is as harmless as it is useless
LEAST_TOKENS = 1024
_MARK = {"type": "ephemeral"}
# The ends of the history in this request and the last: before the question that is asked, and the one before
_HISTORY_ENDS = (-4, -2)
# A generous guess: a mark too many is better than one too few
_BYTES_PER_TOKEN = 3
_TOKENS_PER_MEDIUM = 1500
_MEDIA = {"image", "document"}
# The vendor refuses a mark on these
_THOUGHTS = {"thinking", "redacted_thinking"}


def marked(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request's body with a mark after the tools, the system's words and the history, four at the most.

    `system` and the content of each message are lists of blocks. A mark is set only where enough comes before it.
    """
    tools, system = _list(body, "tools"), _list(body, "system")
    turns: list[dict[str, Any]] = list(body["messages"])
    size = 0
    found = dict(body)
    for name, blocks in (("tools", tools), ("system", system)):
        size += sum(map(_tokens, blocks))
        if blocks and size >= LEAST_TOKENS:
            found[name] = _with_mark(blocks)
    ends = {len(turns) + place for place in _HISTORY_ENDS}
    for place, turn in enumerate(turns):
        size += sum(map(_tokens, turn["content"]))
        if place in ends and size >= LEAST_TOKENS:
            turns[place] = {**turn, "content": _with_mark(turn["content"])}
    return {**found, "messages": turns}


def _list(body: Mapping[str, Any], name: str) -> Blocks:
    blocks: Blocks = body.get(name) or ()
    return blocks


def _with_mark(blocks: Blocks) -> list[Mapping[str, Any]]:
    """Return the blocks with the last one marked that may be."""
    for place in range(len(blocks) - 1, -1, -1):
        if blocks[place].get("type") not in _THOUGHTS:
            return [*blocks[:place], {**blocks[place], "cache_control": _MARK}, *blocks[place + 1 :]]
    return list(blocks)


def _tokens(block: Mapping[str, Any]) -> int:
    if block.get("type") in _MEDIA:
        return _TOKENS_PER_MEDIUM
    return sum(map(len, _texts(block))) // _BYTES_PER_TOKEN


def _texts(block: Mapping[str, Any]) -> Iterator[bytes]:
    for name, value in block.items():
        if name != "type":
            yield value.encode() if isinstance(value, str) else orjson.dumps(value)
