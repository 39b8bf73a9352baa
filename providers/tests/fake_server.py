"""The ASGI application of the fake provider: routing, scripted misbehaviour, and what it has seen."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import struct
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatcms.tests.waiting import delay
from providers.tests import fake_reading, fake_rules
from providers.tests import fake_wire as wire
from providers.tests.fake_caching import PromptCache
from providers.tests.fake_scripts import SCRIPTS, Reply, perform
from providers.tests.fake_wire import Answer, Vendor
from providers.tests.fake_words import FORM, answer_of

Scope = dict[str, Any]
MODELS = ["gpt-4o-mini", "gpt-3.5-turbo", "text-embedding-3-small", "echo", "cite", "fake", "reads-6000"]
ANTHROPIC_MODELS = ["claude-sonnet-4-5", "claude-3-haiku-20240307", "echo", "cite", "fake"]
_MAX_INPUTS = 2048
_STEP_SECONDS = 0.01

# name -> status, vendor's kind of error, sentence, members that only OpenAI adds
_FAILURES: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "fail-400": (
        400,
        "invalid_request_error",
        "Unsupported value: 'temperature' does not support 0.7 with this model.",
        {"param": "temperature", "code": "unsupported_value"},
    ),
    "fail-context": (
        400,
        "invalid_request_error",
        "prompt is too long: maximum context length is 8192 tokens",
        {"param": "messages", "code": "context_length_exceeded"},
    ),
    "fail-401": (401, "authentication_error", "Incorrect API key provided", {"code": "invalid_api_key"}),
    "fail-403": (403, "permission_error", "Your key may not use this", {}),
    "fail-404-model": (404, "not_found_error", "The model does not exist", {"code": "model_not_found"}),
    "fail-429": (429, "rate_limit_error", "Slow down", {"code": "rate_limit_exceeded"}),
    "quota": (429, "insufficient_quota", "You exceeded your current quota", {"code": "insufficient_quota"}),
    "fail-500": (500, "api_error", "Internal error", {}),
    "fail-503": (503, "api_error", "Unavailable", {}),
    "fail-529": (529, "overloaded_error", "Overloaded", {}),
}


@dataclass
class Options:
    """The speed of the answers."""

    first_ms: float = 0
    gap_ms: float = 0
    tokens: int = 64


@dataclass
class Stats:
    """What was seen since the start or the last reset."""

    requests: int = 0
    by_path: dict[str, int] = field(default_factory=dict)
    by_model: dict[str, int] = field(default_factory=dict)
    open: int = 0
    aborted: int = 0
    closed_at: list[float] = field(default_factory=list)
    connections: int = 0
    batches: list[int] = field(default_factory=list)
    last_authorization: str | None = None
    last_headers: dict[str, str] = field(default_factory=dict)
    last_body: Any = None
    bill: list[dict[str, Any]] = field(default_factory=list)


class _Gone(Exception):  # noqa: N818 - a signal, not an error
    """The client hung up."""


class Protocol(HttpToolsProtocol):
    """Remembers the transport of each client, so that a script can reset it as a broken network would."""

    transports: dict[tuple[str, int], asyncio.Transport] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transports[transport.get_extra_info("peername")[:2]] = transport
        STATE.stats.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


def _reset_connection(scope: Scope) -> None:
    transport = Protocol.transports[tuple(scope["client"])]
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


@dataclass
class _State:
    options: Options = field(default_factory=Options)
    stats: Stats = field(default_factory=Stats)
    steps: int = 0
    cache: PromptCache = field(default_factory=PromptCache)


STATE = _State()


@dataclass
class _Exchange:
    """One request, and the ways to answer it."""

    scope: Scope
    receive: Any
    send: Any
    vendor: Vendor
    body: dict[str, Any] = field(default_factory=dict)
    bill: dict[str, Any] = field(default_factory=dict)
    _gone: asyncio.Task[Any] | None = None

    @property
    def key(self) -> str:
        """Who asks."""
        key = self.header("authorization").removeprefix("Bearer ").strip()
        return (self.header("x-api-key") or key) if self.vendor == "anthropic" else key

    def header(self, name: str) -> str:
        return next((v.decode("latin-1") for k, v in self.scope["headers"] if k == name.encode()), "")

    async def read(self) -> None:
        data = b""
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            data += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.body = orjson.loads(data) if data else {}

    async def reply(self, status: int, data: bytes, *headers: tuple[bytes, bytes]) -> None:
        base = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(data)).encode()),
            (b"x-request-id", b"req_fake"),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": [*base, *headers]})
        await self.send({"type": "http.response.body", "body": data})

    async def fail(self, status: int, kind: str, message: str, **extra: Any) -> None:
        headers = [(b"retry-after", b"1")] if status == 429 and kind != "insufficient_quota" else []
        await self.reply(status, wire.error_body(self.vendor, status, kind, message, **extra), *headers)

    async def begin_stream(self) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(self, data: bytes, *, more: bool = True) -> None:
        if self._gone is not None and self._gone.done():
            raise _Gone
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the client does."""
        if self._gone is None:
            self._gone = asyncio.ensure_future(self.receive())
        done, _ = await asyncio.wait([self._gone], timeout=seconds)
        if done:
            raise _Gone

    def finish(self) -> None:
        if self._gone is not None:
            self._gone.cancel()


async def _stream(exchange: _Exchange, answer: Answer, name: str) -> None:
    form = FORM.fullmatch(name)
    act, number = (form["act"], int(form["n"])) if form else ("", 0)
    gap = number / 1000 if act == "slow" else STATE.options.gap_ms / 1000
    vendor = exchange.vendor
    await exchange.begin_stream()
    head = wire.head(vendor, answer)
    for piece in wire.crlf(head) if name == "crlf" else [head]:
        await exchange.write(piece)
    for index, text in enumerate(answer.tokens):
        if act in {"stall", "cut", "eof", "junk", "error"} and index == number:
            await _misbehave(exchange, act)
            return
        while name == "step" and index > STATE.steps:
            await exchange.pause(_STEP_SECONDS)
        if index and gap:
            await exchange.pause(gap)
        exchange.bill["output"] += 1
        await _write_token(exchange, wire.token(vendor, answer.model, text), name)
    for index, part in enumerate(answer.pieces):
        exchange.bill["output"] += len(part.texts)
        for data in wire.piece(vendor, answer.model, index, part):
            await exchange.write(data)
    asked = bool((exchange.body.get("stream_options") or {}).get("include_usage"))
    tail = wire.tail(vendor, answer, usage_asked=asked)
    await exchange.write(b"".join(wire.crlf(tail)) if name == "crlf" else tail, more=False)


async def _write_token(exchange: _Exchange, data: bytes, name: str) -> None:
    if name == "crlf":
        for piece in wire.crlf(data):
            await exchange.write(piece[:-3])
            await exchange.write(piece[-3:])
    elif name == "unicode":
        cut = next((i + 1 for i, byte in enumerate(data) if byte >= 0xC0), 8)
        await exchange.write(data[:cut])
        await exchange.pause(0.005)
        await exchange.write(data[cut:])
    else:
        await exchange.write(data)


async def _misbehave(exchange: _Exchange, act: str) -> None:
    if act == "stall":
        await exchange.pause(3600)
    elif act == "cut":
        await delay(0.02)
        _reset_connection(exchange.scope)
    elif act == "junk":
        await exchange.write(b'event: content_block_delta\ndata: {"choices": [{"delta": {"\n\n', more=False)
    elif act == "error":
        await exchange.write(wire.in_band_error(exchange.vendor), more=False)
    else:
        await exchange.write(b"", more=False)


async def _chat(exchange: _Exchange) -> None:
    name = _script(exchange)
    whole = name.endswith("-whole")
    name = name.removesuffix("-whole")
    caches = name.endswith("-cached")
    name = name.removesuffix("-cached")
    if await _scripted_failure(exchange, name):
        return
    if refusal := fake_reading.refusal(name, exchange.body):
        await exchange.fail(400, "invalid_request_error", refusal)
        return
    name = name if fake_reading.limit_of(name) is None else "cite"
    if problem := fake_rules.problem(exchange.vendor, exchange.body, version=exchange.header("anthropic-version")):
        await exchange.fail(400, "invalid_request_error", problem)
        return
    STATE.stats.open += 1
    try:
        if name == "hang":
            await exchange.pause(3600)
        answer = answer_of(name, exchange.body, tokens=STATE.options.tokens)
        if caches:
            counts = STATE.cache.look_up(exchange.vendor, exchange.body, exchange.key)
            answer = replace(answer, counts=replace(counts, reasoning=answer.counts.reasoning))
        exchange.bill = {"model": answer.model, **asdict(answer.counts), "output": 0}
        STATE.stats.bill.append(exchange.bill)
        if STATE.options.first_ms:
            await exchange.pause(STATE.options.first_ms / 1000)
        if exchange.body.get("stream") and not whole:
            await _stream(exchange, answer, name)
        else:
            exchange.bill["output"] = answer.size
            await exchange.reply(200, wire.whole(exchange.vendor, answer))
    except _Gone:
        STATE.stats.aborted += 1
        STATE.stats.closed_at.append(time.time())
    finally:
        STATE.stats.open -= 1
        exchange.finish()


def _script(exchange: _Exchange) -> str:
    model = str(exchange.body.get("model", ""))
    STATE.stats.by_model[model] = STATE.stats.by_model.get(model, 0) + 1
    name = model.split(":", 1)[0]
    if name.endswith("-once"):
        return name.removesuffix("-once") if STATE.stats.by_model[model] == 1 else "fake"
    return name


async def _scripted_failure(exchange: _Exchange, name: str) -> bool:
    """Answer as the model's name demands, if that is a failure before the first byte."""
    if name in _FAILURES:
        status, kind, message, extra = _FAILURES[name]
        await exchange.fail(status, kind, message, **extra)
    elif name == "junk":
        await exchange.reply(200, b"<html><body>Welcome to nginx</body></html>")
    elif name == "redirect":
        await exchange.reply(302, b"", (b"location", b"/v1/elsewhere"))
    elif name == "huge":
        await exchange.reply(200, b'{"data": "' + b"x" * 200_000_000 + b'"}')
    else:
        return False
    return True


async def _embeddings(exchange: _Exchange) -> None:
    name = _script(exchange)
    if await _scripted_failure(exchange, name):
        return
    body = exchange.body
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    STATE.stats.batches.append(len(texts))
    if not texts or len(texts) > _MAX_INPUTS or "" in texts:
        await exchange.fail(400, "invalid_request_error", "'$.input' is invalid", param="input")
        return
    if name == "hang":
        await exchange.pause(3600)
    data = wire.embeddings(body["model"], texts, body.get("dimensions"), body.get("encoding_format"))
    await exchange.reply(200, data)


async def _perform(exchange: _Exchange, reply: Reply) -> None:
    STATE.stats.open += 1
    try:
        await perform(exchange, reply, _reset_connection)
    finally:
        STATE.stats.open -= 1
        exchange.finish()


def _note(scope: Scope, exchange: _Exchange) -> bool:
    """Count the request; return whether it carries a key."""
    stats, headers = STATE.stats, {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}
    key = exchange.key
    stats.requests += 1
    stats.by_path[scope["path"]] = stats.by_path.get(scope["path"], 0) + 1
    stats.last_authorization = hashlib.sha256(key.encode()).hexdigest() if key else None
    stats.last_headers = {k: v for k, v in headers.items() if k not in {"authorization", "x-api-key"}}
    stats.last_body = exchange.body
    if exchange.vendor == "anthropic":
        return bool(key) and "anthropic-version" in headers
    return bool(key) and headers.get("authorization", "").startswith("Bearer ")


async def app(scope: Scope, receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] != "http":
        return
    path: str = scope["path"]
    vendor: Vendor = "anthropic" if any(k == b"anthropic-version" for k, _ in scope["headers"]) else "openai"
    if path.endswith("/messages"):
        vendor = "anthropic"
    exchange = _Exchange(scope, receive, send, vendor)
    with contextlib.suppress(_Gone):
        await exchange.read()
        await _route(path, exchange)


async def _route(path: str, exchange: _Exchange) -> None:
    if path == "/stats":
        await exchange.reply(200, orjson.dumps(asdict(STATE.stats)))
    elif path == "/reset":
        STATE.stats, STATE.steps = Stats(open=STATE.stats.open), 0
        SCRIPTS.forget()
        STATE.cache.forget()
        await exchange.reply(200, b"{}")
    elif path == "/step":
        STATE.steps += 1
        await exchange.reply(200, b"{}")
    elif path == "/later":
        STATE.cache.later += float(exchange.body["seconds"])
        await exchange.reply(200, b"{}")
    elif path == "/script":
        if exchange.body:
            SCRIPTS.put(exchange.body)
        await exchange.reply(200, orjson.dumps(SCRIPTS.heard))
    elif not _note(exchange.scope, exchange):
        await exchange.fail(401, "authentication_error", "No key was sent", code="invalid_api_key")
    elif (reply := SCRIPTS.next_for(exchange)) is not None:
        await _perform(exchange, reply)
    elif path.endswith(("/chat/completions", "/messages")):
        await _chat(exchange)
    elif path.endswith("/embeddings"):
        await _embeddings(exchange)
    elif path.endswith("/models"):
        names = ANTHROPIC_MODELS if exchange.vendor == "anthropic" else MODELS
        await exchange.reply(200, wire.model_list(exchange.vendor, names))
    else:
        await exchange.fail(404, "invalid_request_error", f"Unknown request URL {path}")
