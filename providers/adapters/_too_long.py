"""Recognizes a refusal of a prompt that is longer than the model reads, and the limit that its message names."""

from __future__ import annotations

import re

from providers.adapters._complaints import Complaint
from providers.exceptions import ProviderPromptTooLong

_CODES = ("context_length", "context_window", "exceed_context", "string_above_max_length", "request_too_large")
_SUBJECT = r"(?:prompt|inputs?|messages?|request|conversation|token count|total number of tokens|text|context)"
# What vendors say of it, in lower case
_SAYS = re.compile(
    r"(?:maximum|max|exceeds?|model's|model|available|than|of) (?:the )?(?:model's )?(?:maximum |available )?"
    r"(?:context|prompt|input|sequence|model)[ _](?:length|size|window|len)\b"
    r"|context[ _]?(?:length|window|size|limit).{0,40}(?:exceed|overflow|too (?:small|short)|not enough)"
    r"|exceed\w* .{0,60}context|context the overflows"
    rf"|\b{_SUBJECT}\b.{{0,60}}\b(?:is|are|was|were|being) too (?:long|large)"
    r"|too (?:long|large) for .{0,40}(?:model|context)"
    r"|too many (?:input |prompt )?tokens|maximum number of tokens"
    r"|(?:model|context|input|prompt)(?:'s)? (?:max(?:imum)? )?tokens? limit"
    r"|tokens? .{0,80}(?:cannot|must not|may not) exceed|must be <= ?\d+\. given"
    r"|range of input length|reduce (?:the length of|your) (?:the |your )?(?:messages|prompt|input|message size)"
)
# A question that is larger than a whole minute's allowance is too long: no wait makes it fit
_MORE_THAN_A_MINUTE = re.compile(
    r"request too large.{0,120}tokens per min|tokens per min\w* .{0,20}limit:? ?\d+, requested"
)
_COUNT = r"(\d{1,3}(?:,\d{3}){1,3}|\d{1,10})"
# The limit stands in these places of the message; the first that fits is the one
_LIMITS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"maximum input length of {_COUNT}",
        rf"> {_COUNT} maximum",
        rf"\d > {_COUNT}\b",
        rf"context (?:length|window|size) (?:is|of)(?: only)? {_COUNT}",
        rf"(?:context (?:length|window|size)|prompt length|model length|token limit)(?: is| of|:)?(?: only)? {_COUNT}",
        rf"{_COUNT} (?:maximum )?context length",
        rf"(?:context size|context length|maximum number of tokens allowed|limit) \({_COUNT}",
        rf"(?:cannot|must not|may not) exceed {_COUNT}",
        rf"must be <= ?{_COUNT}",
        rf"range of input length should be \[\d+, ?{_COUNT}\]",
        rf"(?:limit is|limit:?|maximum of|at most|up to) {_COUNT}",
    )
)
_LARGEST_LIMIT = 100_000_000


def too_long_of(said: Complaint) -> ProviderPromptTooLong | None:
    """Return the error for a vendor's complaint if it says that the prompt is too long."""
    if any(code in said.codes for code in _CODES) or _SAYS.search(said.words) or _MORE_THAN_A_MINUTE.search(said.words):
        return ProviderPromptTooLong(limit_tokens=_limit(said.limit_tokens, said.words))
    return None


def larger_than_a_minute(message: str) -> ProviderPromptTooLong | None:
    """Return the error for a refusal by the rate of calls that no wait can lift: the prompt alone is above it."""
    if _MORE_THAN_A_MINUTE.search(message):
        return ProviderPromptTooLong(limit_tokens=_limit(None, message))
    return None


def _limit(told: int | None, message: str) -> int | None:
    """Return how many tokens the model reads, if the vendor says it."""
    if told is not None and 0 < told <= _LARGEST_LIMIT:
        return told
    found = next((match for pattern in _LIMITS if (match := pattern.search(message))), None)
    limit = int(found[1].replace(",", "")) if found else 0
    return limit if 0 < limit <= _LARGEST_LIMIT else None
