"""A model provider that speaks the real HTTP and SSE of OpenAI and Anthropic, and misbehaves on request.

    python -m providers.tests.fake_provider --port 9100 --first-ms 0 --gap-ms 0 --tokens 64

The model's name is the script:

- `fail-400 fail-401 fail-403 fail-404-model fail-429 fail-500 fail-503 fail-529 fail-context quota`: that
  error;
- `hang` never begins; `stall-5 cut-5 eof-5 junk-5 error-5` stall, reset the connection, end too early, write
  nonsense, or send an error event after 5 tokens;
- `junk` answers html, `redirect` a 302, `huge` 200 MB; `slow-50` waits 50 ms a token;
- `long` has 2,000 tokens, `tokens-9` has 9; `unicode` cuts characters in two; `crlf` uses SSE's rarer forms;
- `no-usage` and `no-done` leave those out; `filtered` is ended by a content filter;
- `echo` says the last user message, `claim` the question in it, with a yes;
- `cite` cites [1] and [2]; `no-answer` admits by [0] that nothing holds it;
- `think`, `think-tags` and `think-end` think first: apart, between `<think>` tags, with the closing tag only;
- `tools` calls the first tool there is and then tells its result, `two-tools` two at once, `call-anyway` one that
  nobody sent; `refuse` declines; `json` keeps to the schema; `look` tells which images and files arrived;
  `cached` counts tokens of a cache; `blind` takes no images;
- `reads-2000` reads 2,000 tokens and refuses more, as `reads-2000-quietly` does without naming that; else it is `cite`;
- `NAME-cached` answers as NAME does, and keeps the beginnings of prompts as the vendors do (`fake_caching`);
- `NAME-whole` answers with one document though a stream was asked;
- `NAME-once` does so at the first call only; `NAME:tag` is NAME under a name of its own;
- `step` says each word after the first only when it was asked to (POST /step).

What a test puts there (`fake.script(key, Reply(...))`) goes before all this: answers byte by byte.
GET /stats tells what was seen (keys only as SHA-256) and what is billed for it, POST /reset forgets it; POST /later
moves the clock of the cache on.
In tests: `with FakeProvider.start() as fake: ... fake.openai_url, fake.anthropic_url, fake.stats()`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from providers.tests import fake_server
from providers.tests.fake_scripts import Reply

_ROOT = Path(__file__).parents[2]


@dataclass
class FakeProvider:
    """A running fake provider, in a process of its own that ends with ours."""

    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, *, first_ms: float = 0, gap_ms: float = 0, tokens: int = 64) -> FakeProvider:
        """Start it on a free port and wait until it answers."""
        command = [
            sys.executable,
            "-m",
            "providers.tests.fake_provider",
            "--port",
            "0",
            "--until-stdin-closes",
        ]
        command += ["--first-ms", str(first_ms), "--gap-ms", str(gap_ms), "--tokens", str(tokens)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith(b"READY "):
            raise RuntimeError(f"the fake provider did not start: {line!r}")
        return cls(int(line.split()[1]), process)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """The pair for `ProviderConfig.allow_private_hosts`."""
        return f"127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        return self.url

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/stats", timeout=60) as response:  # noqa: S310
            data: dict[str, Any] = orjson.loads(response.read())
        return data

    @staticmethod
    def sha256(key: str) -> str:
        """What `stats` shows of a key, to compare with."""
        return hashlib.sha256(key.encode()).hexdigest()

    def reset(self) -> None:
        self._post("/reset")

    def step(self) -> None:
        """Let the answers of the model `step` say one word more."""
        self._post("/step")

    def later(self, seconds: float) -> None:
        """Let so much time pass for what is kept of prompts."""
        self._post("/later", {"seconds": seconds})

    def bill(self, prices: Mapping[str, str], *, model: str = "") -> Decimal:
        """Return what all answers so far (of one model) cost, in US dollars, by prices per million tokens by kind."""
        each = {name.removesuffix("_price"): Decimal(price) for name, price in prices.items()}
        total = Decimal(0)
        for line in self.stats()["bill"]:
            if model not in {"", line["model"]}:
                continue
            total += (line["prompt"] - line["read"] - line["written"]) * each["input"]
            total += line["read"] * each.get("cache_read", each["input"])
            total += line["written"] * each.get("cache_write", each["input"])
            total += (line["output"] - line["reasoning"]) * each["output"]
            total += line["reasoning"] * each.get("reasoning", each["output"])
        return total / 1_000_000

    def script(self, key: str, *replies: Reply) -> None:
        """Answer requests for a model, or to a path: one reply after the other, of which the last one stays."""
        self._post("/script", {"key": key, "replies": [reply.dump() for reply in replies]})

    def heard(self, key: str) -> list[dict[str, Any]]:
        """The requests that a script answered: their bodies, with the path of each."""
        found: list[dict[str, Any]] = self._post("/script").get(key, [])
        return found

    def _post(self, path: str, document: object = None) -> dict[str, Any]:
        data = orjson.dumps(document) if document else b""
        request = urllib.request.Request(f"{self.url}{path}", method="POST", data=data)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            answer: dict[str, Any] = orjson.loads(response.read())
        return answer

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def __enter__(self) -> FakeProvider:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


async def _serve(port: int, *, until_stdin_closes: bool) -> None:
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        fake_server.app,
        http=fake_server.Protocol,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    sys.stdout.write(f"READY {listener.getsockname()[1]}\n")
    sys.stdout.flush()
    if until_stdin_closes:
        asyncio.get_running_loop().add_reader(sys.stdin, setattr, server, "should_exit", True)
    await server.serve(sockets=[listener])


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--first-ms", type=float, default=0)
    parser.add_argument("--gap-ms", type=float, default=0)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--until-stdin-closes", action="store_true")
    arguments = parser.parse_args()
    fake_server.STATE.options = fake_server.Options(arguments.first_ms, arguments.gap_ms, arguments.tokens)
    loop_factory = uvicorn.Config(fake_server.app).get_loop_factory()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(arguments.port, until_stdin_closes=arguments.until_stdin_closes))


if __name__ == "__main__":
    main()
