"""How vendors keep the beginnings of prompts: what of a prompt the fake reads from its cache, and what it writes there.

OpenAI keeps every prompt by itself, in steps of 128 tokens. Anthropic keeps it up to each mark, and looks at most
twenty blocks back from one for what it has kept before. Both want an exact prefix of at least 1,024 tokens from the
same key and model, and forget it five minutes after they last read it.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from providers.tests.fake_wire import Counts, Vendor

Body = dict[str, Any]
STEP = 128
LEAST = 1024
LOOKBACK = 20
SECONDS = 300.0
_TOKEN = re.compile(r"\s*\S{1,8}|\s+")


def tokens_of(text: str) -> list[str]:
    """Cut a text as the fake's tokenizer does: eight letters at the most, with the white space before them."""
    return _TOKEN.findall(text)


@dataclass(frozen=True)
class _Block:
    """Some of a prompt, which ends where a mark may be."""

    tokens: tuple[str, ...]
    is_marked: bool = False


@dataclass
class PromptCache:
    """What the vendor has kept, and until when on its own clock; `later` is how far that is ahead of ours."""

    kept: dict[str, float] = field(default_factory=dict)
    later: float = 0.0

    def forget(self) -> None:
        """Begin anew."""
        self.kept.clear()
        self.later = 0.0

    def look_up(self, vendor: Vendor, body: Body, key: str) -> Counts:
        """Return how a prompt is counted, and keep it."""
        blocks = _anthropic_blocks(body) if vendor == "anthropic" else _openai_blocks(body)
        who = f"{vendor} {key} {body['model']}"
        prompt = sum(len(block.tokens) for block in blocks)
        if vendor == "openai":
            return Counts(prompt, read=self._by_steps(who, [token for block in blocks for token in block.tokens]))
        read, written = self._by_marks(who, blocks)
        return Counts(prompt, read=read, written=written)

    def _by_steps(self, who: str, tokens: list[str]) -> int:
        read, digest = 0, hashlib.sha256(who.encode())
        for end in range(STEP, len(tokens) + 1, STEP):
            digest.update(orjson.dumps(tokens[end - STEP : end]))
            if end >= LEAST and self._keep(digest.hexdigest()):
                read = end
        return read

    def _by_marks(self, who: str, blocks: list[_Block]) -> tuple[int, int]:
        """Return how much is read up to the last block that was kept, and written up to the last mark."""
        digest, length = hashlib.sha256(who.encode()), 0
        ends: list[tuple[str, int]] = []
        read = written = 0
        for place, block in enumerate(blocks):
            digest.update(orjson.dumps(block.tokens))
            length += len(block.tokens)
            ends.append((digest.hexdigest(), length))
            if not block.is_marked or length < LEAST:
                continue
            before = ends[max(0, place + 1 - LOOKBACK) :]
            read = max([read, *(size for name, size in before if size >= LEAST and self._is_kept(name))])
            written = length
        for block, (name, size) in zip(blocks, ends, strict=True):
            if size >= LEAST and (block.is_marked or size == read):
                self._keep(name)
        return read, max(0, written - read)

    def _now(self) -> float:
        return time.monotonic() + self.later

    def _is_kept(self, name: str) -> bool:
        return self.kept.get(name, 0.0) > self._now()

    def _keep(self, name: str) -> bool:
        """Keep it from now on; return whether it was kept before."""
        was_kept = self._is_kept(name)
        self.kept[name] = self._now() + SECONDS
        return was_kept


def _block(role: str, part: Any) -> _Block:
    if isinstance(part, str):
        part = {"type": "text", "text": part}
    plain = {name: value for name, value in part.items() if name != "cache_control"}
    text = plain["text"] if plain.get("type") == "text" else orjson.dumps(plain).decode()
    return _Block((f"<{role}>", *tokens_of(text)), "cache_control" in part)


def _blocks(role: str, content: Any) -> list[_Block]:
    return [_block(role, part) for part in ([content] if isinstance(content, str) else content or ())]


def _anthropic_blocks(body: Body) -> list[_Block]:
    """The prompt in the vendor's order: tools, system, messages; a string is one block of text."""
    blocks = _blocks("tool", body.get("tools")) + _blocks("system", body.get("system"))
    return blocks + [one for message in body["messages"] for one in _blocks(message["role"], message["content"])]


def _openai_blocks(body: Body) -> list[_Block]:
    blocks = _blocks("tools", body.get("tools"))
    for message in body["messages"]:
        blocks += _blocks(message["role"], message.get("content"))
        blocks += [_block("call", call) for call in message.get("tool_calls") or ()]
    return blocks


def stable_tokens(before: Body, after: Body) -> int:
    """Return how many tokens the second of two prompts begins with that the first has before its question."""
    find = _anthropic_blocks if isinstance(before.get("system"), str | list) else _openai_blocks
    history = find({**before, "messages": before["messages"][:-1]})
    count = 0
    for one, other in zip(history, find(after), strict=False):
        if one.tokens != other.tokens:
            break
        count += len(one.tokens)
    return count
