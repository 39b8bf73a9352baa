"""Models that read only so much: `reads-2000` refuses a longer prompt by its limit, `reads-2000-quietly` without it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"reads-(?P<limit>\d+)(?P<quietly>-quietly)?")
_CHARACTERS_PER_TOKEN = 4


def limit_of(name: str) -> int | None:
    """Return how many tokens a model of that name reads and writes, None if that does not matter."""
    found = _NAME.fullmatch(name)
    return int(found["limit"]) if found else None


def refusal(name: str, body: Mapping[str, Any]) -> str | None:
    """Return what the model says to a request that is too long for it, None if it is not."""
    limit, asked = limit_of(name), tokens_of(body)
    if limit is None or asked <= limit:
        return None
    if name.endswith("-quietly"):
        return "The prompt is too long for this model's context."
    return f"This model's maximum context length is {limit} tokens. However, you requested {asked} tokens."


def tokens_of(body: Mapping[str, Any]) -> int:
    """Return how many tokens a request asks for: its prompt and the answer that it allows."""
    prompt = sum(len(_text(message.get("content"))) for message in body.get("messages", ()))
    prompt += len(_text(body.get("system")))
    return prompt // _CHARACTERS_PER_TOKEN + int(body.get("max_completion_tokens") or body.get("max_tokens") or 0)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or () if isinstance(part, dict))
