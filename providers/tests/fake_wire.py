"""How OpenAI and Anthropic write their answers: the bytes that the fake provider sends."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import orjson

from providers.tests.fake_reading import limit_of

Vendor = Literal["openai", "anthropic"]
Finish = Literal["stop", "length", "content_filter", "tool_calls", "refusal"]
PieceKind = Literal["text", "thinking", "redacted", "refusal", "call"]

DIMS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
LEAKED_KEY = "sk-SECRETUPSTREAM"
PROMPT_TOKENS = 10
_ANTHROPIC_STOP = {
    "stop": "end_turn",
    "length": "max_tokens",
    "content_filter": "refusal",
    "tool_calls": "tool_use",
    "refusal": "refusal",
}
# OpenAI has no reason of its own for a refusal
_OPENAI_STOP = {"refusal": "stop"}
_OPENAI_MEMBER = {"text": "content", "thinking": "reasoning_content", "refusal": "refusal"}


@dataclass(frozen=True)
class Piece:
    """A part of an answer, in the pieces in which it is streamed."""

    kind: PieceKind
    texts: tuple[str, ...]
    id: str = ""
    name: str = ""
    signature: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.texts)


@dataclass(frozen=True)
class Counts:
    """What the fake says that it used, besides the tokens of the answer."""

    prompt: int
    read: int = 0
    written: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class Answer:
    """What the fake model says and how it ends: words, or else parts."""

    model: str
    tokens: tuple[str, ...] = ()
    finish: Finish = "stop"
    usage: bool = True
    done: bool = True
    pieces: tuple[Piece, ...] = ()
    counts: Counts = Counts(PROMPT_TOKENS)

    @property
    def said(self) -> tuple[Piece, ...]:
        """The parts of the answer."""
        return self.pieces or (Piece("text", self.tokens),)

    @property
    def size(self) -> int:
        """How many tokens it has."""
        return sum(len(piece.texts) for piece in self.said)


def error_body(vendor: Vendor, status: int, kind: str, message: str, **extra: Any) -> bytes:
    """An error document as the vendor words it; with a key in it, as careless gateways do."""
    text = f"{message} (key {LEAKED_KEY})"
    if vendor == "anthropic":
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": text}, "request_id": f"req_{status}"})
    error = {"message": text, "type": kind, "param": None, "code": None, **extra}
    return orjson.dumps({"error": error})


def in_band_error(vendor: Vendor) -> bytes:
    """An error event in the middle of a stream that began with 200."""
    if vendor == "anthropic":
        return _event("error", orjson.loads(error_body(vendor, 529, "overloaded_error", "Overloaded")))
    return b"data: " + error_body(vendor, 500, "server_error", "The server had an error") + b"\n\n"


def _event(name: str, payload: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(payload) + b"\n\n"


def _chunk(model: str, choices: list[dict[str, Any]], **extra: Any) -> bytes:
    document = {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": model,
        "system_fingerprint": "fp_fake",
        "choices": choices,
        **extra,
    }
    return b"data: " + orjson.dumps(document) + b"\n\n"


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _usage(vendor: Vendor, answer: Answer) -> dict[str, Any]:
    count, counts = answer.size, answer.counts
    if vendor == "anthropic":
        return {
            "input_tokens": counts.prompt - counts.read - counts.written,
            "cache_read_input_tokens": counts.read,
            "cache_creation_input_tokens": counts.written,
            "output_tokens": count,
            "output_tokens_details": {"thinking_tokens": counts.reasoning},
        }
    return {
        "prompt_tokens": counts.prompt,
        "completion_tokens": count,
        "total_tokens": counts.prompt + count,
        "prompt_tokens_details": {"cached_tokens": counts.read, "cache_write_tokens": counts.written},
        "completion_tokens_details": {"reasoning_tokens": counts.reasoning},
    }


@lru_cache(maxsize=256)
def head(vendor: Vendor, answer: Answer) -> bytes:
    """The bytes before the first token."""
    if vendor == "openai":
        return _chunk(answer.model, [_choice({"role": "assistant", "content": "", "refusal": None})])
    message: dict[str, Any] = {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**_usage(vendor, answer), "output_tokens": 1},
    }
    start = _event("message_start", {"type": "message_start", "message": message})
    if answer.pieces:
        return start + _event("ping", {"type": "ping"})
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    return start + _event("content_block_start", block) + _event("ping", {"type": "ping"})


@lru_cache(maxsize=4096)
def token(vendor: Vendor, model: str, text: str) -> bytes:
    """The bytes of one token."""
    if vendor == "openai":
        return _chunk(model, [_choice({"content": text})])
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    return _event("content_block_delta", delta)


def piece(vendor: Vendor, model: str, index: int, part: Piece) -> list[bytes]:
    """The events of one part; `index` is its place among the parts of its answer."""
    return _openai_piece(model, index, part) if vendor == "openai" else _anthropic_piece(index, part)


def _openai_piece(model: str, index: int, part: Piece) -> list[bytes]:
    if part.kind == "redacted":
        return []
    if part.kind != "call":
        return [_chunk(model, [_choice({_OPENAI_MEMBER[part.kind]: text})]) for text in part.texts]
    place = int(part.id.rpartition("_")[2])
    first = {"index": place, "id": part.id, "type": "function", "function": {"name": part.name, "arguments": ""}}
    more = [{"index": place, "function": {"arguments": text}} for text in part.texts]
    return [_chunk(model, [_choice({"tool_calls": [call]})]) for call in (first, *more)]


def _anthropic_piece(index: int, part: Piece) -> list[bytes]:
    deltas: list[dict[str, Any]]
    match part.kind:
        case "refusal":
            return []
        case "thinking":
            block: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": text} for text in part.texts]
            deltas.append({"type": "signature_delta", "signature": part.signature})
        case "redacted":
            block, deltas = {"type": "redacted_thinking", "data": part.text}, []
        case "call":
            block = {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": text} for text in ("", *part.texts)]
        case _:
            block = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": text} for text in part.texts]
    events: list[dict[str, Any]] = [{"type": "content_block_start", "index": index, "content_block": block}]
    events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    events.append({"type": "content_block_stop", "index": index})
    return [_event(event["type"], event) for event in events]


def _stop(answer: Answer) -> dict[str, Any]:
    """How an answer of Anthropic's ends; the words of a refusal come with it."""
    refusal = next((part.text for part in answer.said if part.kind == "refusal"), None)
    details = {"type": "refusal", "category": None, "explanation": refusal} if refusal else None
    return {"stop_reason": _ANTHROPIC_STOP[answer.finish], "stop_sequence": None, "stop_details": details}


@lru_cache(maxsize=256)
def tail(vendor: Vendor, answer: Answer, *, usage_asked: bool) -> bytes:
    """The bytes after the last token."""
    if vendor == "anthropic":
        usage = _usage(vendor, answer) if answer.usage else {}
        last = b"" if answer.pieces else _event("content_block_stop", {"type": "content_block_stop", "index": 0})
        return (
            last
            + _event("message_delta", {"type": "message_delta", "delta": _stop(answer), "usage": usage})
            + (_event("message_stop", {"type": "message_stop"}) if answer.done else b"")
        )
    ended = _chunk(answer.model, [_choice({}, _OPENAI_STOP.get(answer.finish, answer.finish))])
    if usage_asked and answer.usage:
        ended += _chunk(answer.model, [], usage=_usage(vendor, answer))
    return ended + (b"data: [DONE]\n\n" if answer.done else b"")


def whole(vendor: Vendor, answer: Answer) -> bytes:
    """The answer as one document."""
    if vendor == "anthropic":
        return orjson.dumps(
            {
                "id": "msg_fake",
                "type": "message",
                "role": "assistant",
                "model": answer.model,
                "content": [_block(part) for part in answer.said if part.kind != "refusal"],
                **_stop(answer),
                "usage": _usage(vendor, answer),
            }
        )
    finish = _OPENAI_STOP.get(answer.finish, answer.finish)
    return orjson.dumps(
        {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": answer.model,
            "choices": [{"index": 0, "message": _message(answer), "finish_reason": finish}],
            "usage": _usage(vendor, answer),
        }
    )


def _block(part: Piece) -> dict[str, Any]:
    match part.kind:
        case "thinking":
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case "redacted":
            return {"type": "redacted_thinking", "data": part.text}
        case "call":
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": orjson.loads(part.text)}
    return {"type": "text", "text": part.text}


def _message(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    for kind, member in _OPENAI_MEMBER.items():
        if said := [part.text for part in answer.said if part.kind == kind]:
            message[member] = "".join(said)
    if calls := [part for part in answer.said if part.kind == "call"]:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.text}}
            for call in calls
        ]
    return message


def model_list(vendor: Vendor, names: list[str]) -> bytes:
    """The list of models, as the vendor pages it."""
    if vendor == "anthropic":
        common = {"type": "model", "created_at": "2025-01-01T00:00:00Z", "lifecycle": "active"}
        data = [{**common, "id": n, "display_name": n, "max_input_tokens": 200_000} for n in names]
        return orjson.dumps({"data": data, "has_more": False, "first_id": names[0], "last_id": names[-1]})
    return orjson.dumps(
        {
            "object": "list",
            "data": [{"id": n, "object": "model", "created": 1, "owned_by": "fake", **_length(n)} for n in names],
        }
    )


def _length(name: str) -> dict[str, int]:
    """What servers of open models tell of how much a model reads."""
    limit = limit_of(name)
    return {} if limit is None else {"max_model_len": limit}


def crlf(data: bytes) -> Iterator[bytes]:
    """The same events with comments, CR LF, and each JSON document spread over two `data:` lines."""
    for event in data.split(b"\n\n"):
        if not event:
            continue
        lines: list[bytes] = [b": a comment", b"id: 7"]
        for line in event.split(b"\n"):
            if line.startswith(b"data: {"):
                lines += [b"data: {", b"data: " + line[7:]]
            else:
                lines.append(line)
        yield b"\r\n".join(lines) + b"\r\n\r\n"


@lru_cache(maxsize=20_000)
def _word_vector(word: str, dims: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dims).astype(np.float32)


def embedding(text: str, dims: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A unit vector made of the text's words, so that texts that share words are near each other."""
    words = text.lower().split() or [""]
    total = np.sum([_word_vector(word.strip(".,;:!?()\"'"), dims) for word in words], axis=0)
    return np.asarray(total / (np.linalg.norm(total) or 1.0), dtype=np.float32)


def embeddings(model: str, texts: list[str], dims: int | None, encoding: str | None) -> bytes:
    """The answer of `/v1/embeddings`; base64 where asked, as the official client does."""
    size = dims or DIMS.get(model, 384)
    data = []
    for index, text in enumerate(texts):
        vector = embedding(text, size)
        value = base64.b64encode(vector.tobytes()).decode() if encoding == "base64" else vector.tolist()
        data.append({"object": "embedding", "index": index, "embedding": value})
    count = sum(len(text) // 4 + 1 for text in texts)
    usage = {"prompt_tokens": count, "total_tokens": count}
    return orjson.dumps({"object": "list", "model": model, "data": data, "usage": usage})
